"""The command `ghl`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; an interrupt while it is loading or closing is told as any other."""
    try:
        _main()
    except KeyboardInterrupt:
        import signal  # for those who are in a hurry only

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


def _main() -> None:
    """Answers the cheapest questions before anything is loaded."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from ghl import __version__

        sys.stdout.write(f"ghl {__version__}\n")
        return
    # Imports make many objects that stay: looking through them again and again is a tenth of a short run.
    gc.set_threshold(50_000, 20, 50)
    _without_plugins()
    if sys.argv[1:2] == ["__complete"]:
        from ghl.cli.complete import main as complete

        sys.exit(complete(sys.argv[2:]))
    from ghl.cli.main import run

    sys.exit(run(sys.argv[1:]))


def _without_plugins() -> None:
    """The command has no plug-ins of pydantic: looking for them would cost a tenth of a short run.

    The variable saves the search, and the empty loader the import of all that reads package metadata.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if os.environ["PYDANTIC_DISABLE_PLUGINS"] in ("__all__", "1", "true"):
        loader = type(sys)("pydantic.plugin._loader")
        loader.get_plugins = tuple  # type: ignore[attr-defined]
        sys.modules.setdefault(loader.__name__, loader)


if __name__ == "__main__":
    main()
