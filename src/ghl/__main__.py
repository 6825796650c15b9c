"""The command `ghl`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; answers the cheapest questions before anything is loaded."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from ghl import __version__

        sys.stdout.write(f"ghl {__version__}\n")
        return
    # Imports make many objects that stay: looking through them again and again is a tenth of a short run.
    gc.set_threshold(50_000, 20, 50)
    # Looking for plug-ins of pydantic costs 12 ms at every start, and the command has none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if sys.argv[1:2] == ["__complete"]:
        from ghl.cli.complete import main as complete

        sys.exit(complete(sys.argv[2:]))
    from ghl.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
