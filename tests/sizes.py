"""Files stay small: 500 lines fail, and 300 are a question that is printed."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT, QUESTION = 500, 300


def main() -> int:
    sizes = sorted(
        ((len(path.read_text("utf-8").splitlines()), path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.py")),
        reverse=True,
    )
    for lines, path in sizes:
        if lines > QUESTION:
            print(f"{lines:>5}  {path}")
    median = sizes[len(sizes) // 2][0]
    print(f"{len(sizes)} files, median {median} lines, largest {sizes[0][0]}")
    return int(sizes[0][0] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
