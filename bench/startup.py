"""Start-up: CPU time of whole commands against bare Python of the same environment, minimum of 15.

Goals: --version <= 4 x, --help <= 10 x, contacts list --json on 10,000 contacts <= 20 x; import ghl <= 40 ms.
"""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import ghl

RUNS = 15


def cpu(command: list[str], env: dict[str, str]) -> float:
    """The least CPU seconds of several runs."""
    best = 1e9
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True, env=env)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def main() -> None:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    compileall.compile_dir(str(Path(ghl.__file__).parent), quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "crm.db")
        with ghl.init(path, zone="UTC") as crm:
            for start in range(0, 10_000, 5_000):
                items = [{"first_name": f"F{n}", "email": f"u{n}@example.com"} for n in range(start, start + 5_000)]
                crm.contacts.create_many(items=items)  # type: ignore[arg-type]
        program = str(Path(sys.executable).with_name("ghl"))
        bare = cpu([sys.executable, "-c", "pass"], env)
        print(f"bare python            {bare * 1e3:6.1f} ms")
        rows = [
            ("ghl --version", [program, "--version"], 4),
            ("ghl --help", [program, "--help"], 10),
            ("ghl contacts list --json", [program, "--db", path, "contacts", "list", "--json"], 20),
        ]
        for name, command, goal in rows:
            took = cpu(command, env)
            print(f"{name:<24}{took * 1e3:6.1f} ms  {took / bare:5.1f} x bare (goal <= {goal})")
        took = cpu([sys.executable, "-c", "import ghl"], env) - bare
        print(f"import ghl              {took * 1e3:6.1f} ms over bare (goal <= 40)")


if __name__ == "__main__":
    main()
