"""Both type checkers agree with what the SDK promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

API = Path(__file__).with_name("api.py")
ROOT = API.parents[2]


def test_mypy_sees_what_is_promised() -> None:
    """In strict mode, without an unused ignore."""
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(API)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stdout


def test_pyright_sees_the_same(tmp_path: Path) -> None:
    """With its own rules, and unnecessary ignores as errors."""
    config = tmp_path / "pyrightconfig.json"
    config.write_text(
        json.dumps({"include": [str(API)], "reportUnnecessaryTypeIgnoreComment": True, "enableTypeIgnoreComments": False})
    )
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(config)],
        capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
    )  # fmt: skip
    if "No configuration" in run.stdout or "nodeenv" in run.stderr or "npm" in run.stderr:
        pytest.skip(f"pyright cannot run here: {(run.stderr or run.stdout).strip().splitlines()[-1][:120]}")
    assert run.returncode == 0, run.stdout
