"""Runs the code of a page: files are written, shell lines and Python are executed, output is compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w+)(?: ([\w./-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the name of the file that it is, and its text."""

    language: str
    file: str | None
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page."""
    text = page.read_text("utf-8")
    return [
        Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1) for found in _BLOCK.finditer(text)
    ]


class Reader:
    """Somebody who follows a page in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GHL_STATE_DIR": str(folder / ".state"), "GHL_CONFIG_DIR": str(folder / ".config"),
            "LC_ALL": "C.UTF-8", "COLUMNS": "120",
        }  # fmt: skip
        self.environment.pop("GHL_DB", None)

    def follow(self, block: Block) -> None:
        """Do what a block says. A `text` block is what the last one has printed; `…` stands for anything."""
        if block.file:
            (self.folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / block.file).write_text(block.text, "utf-8")
        elif block.language == "bash":
            self._shell(block)
        elif block.language == "python":
            self._run(block, [sys.executable, "-c", block.text])
        elif block.language == "text":
            self._compare(block)

    def _shell(self, block: Block) -> None:
        script = []
        for line in block.text.replace("\\\n", " ").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            expected = _EXIT.search(line)
            wanted = expected[1] if expected else "0"
            script += [_EXIT.sub("", line), f'code=$?; [ $code = {wanted} ] || {{ echo "exit $code: line {len(script)}" >&2; exit 99; }}']
            exported = re.match(r"export (\w+)=(\S+)", line)
            if exported:
                self.environment[exported[1]] = exported[2]
        self._run(block, ["bash", "-c", "\n".join(script)])

    def _run(self, block: Block, command: list[str]) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", timeout=240, check=False,
        )  # fmt: skip
        self.output = done.stdout
        assert done.returncode == 0, f"line {block.line}:\n{block.text}\n{self.output}"

    def _compare(self, block: Block) -> None:
        printed = " ".join(self.output.split())
        for line in block.text.splitlines():
            parts = [re.escape(" ".join(part.split())) for part in line.split("…")]
            pattern = r".*?".join(part for part in parts)
            assert re.search(pattern, printed), f"line {block.line}: {line!r} was not printed, but\n{self.output}"
