"""The command `ghl`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; answers the cheapest questions before anything is loaded."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from ghl import __version__

        sys.stdout.write(f"ghl {__version__}\n")
        return
    from ghl.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
