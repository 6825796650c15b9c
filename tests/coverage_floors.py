"""Branch coverage by part of the package, held at its floors."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

FLOORS = {"sdk": 95.0, "engine": 95.0, "cli": 85.0, "server": 85.0, "": 90.0}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", str(path)], check=True)
        files = json.loads(path.read_text())["files"]
    short = 0
    for part, floor in FLOORS.items():
        covered = total = 0
        for name, about in files.items():
            if f"ghl/{part}/" in name.replace("\\", "/") or not part:
                summary = about["summary"]
                covered += summary["covered_lines"] + summary["covered_branches"]
                total += summary["num_statements"] + summary["num_branches"]
        percent = 100 * covered / total if total else 100.0
        short += percent < floor
        print(f"coverage {part or 'overall':<8} {percent:5.1f} %  (at least {floor:.0f})")
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
