"""JSON Lines: one object on each line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from ghl.engine.data.formats.source import Reject, Row, RowSource, refuse
from ghl.engine.data.formats.survey import Survey
from ghl.errors import Malformed

LONGEST_LINE = 16 << 20
ORIGINAL = "original line"
"""What a rejected line that is no object is kept under."""
_SAMPLED = 1000


class JsonLinesSource(RowSource):
    """A file with a JSON object on each line; its columns are the names in the first thousand."""

    format = "jsonl"

    def __init__(self, name: str, file: BinaryIO, survey: Survey, given: bool = False) -> None:
        super().__init__(name, file, survey)
        if not given and survey.encoding == "cp1252":
            self.encoding = "utf-8"  # JSON is; a stray byte makes a bad line, not another encoding
        if survey.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise Malformed(f"{name} is one JSON list", hint="one object on each line: jq -c '.[]' FILE")
        columns: dict[str, None] = {}
        for row in self.sample(_SAMPLED):
            columns.update(dict.fromkeys(row))
        if not columns:
            raise Malformed(
                f"{name} has no JSON object in its first lines", hint='{"email": "ana@example.com"}'
            )
        self.columns = list(columns)

    def rows(self, reject: Reject | None = None) -> Iterator[tuple[int, Row]]:
        assert self.encoding is not None
        codec = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        plain = not codec.startswith(("utf-16", "utf-32"))
        self.blank = 0
        for number, line in enumerate(self._lines(codec, plain), 1):
            if len(line) >= LONGEST_LINE:
                refuse(reject, number, {}, f"is longer than {LONGEST_LINE >> 20} MiB")
                continue
            text: str | bytes = line
            if isinstance(line, bytes):
                try:
                    text = line.decode(codec)
                except UnicodeDecodeError:
                    refuse(reject, number, _kept(line.decode(codec, "backslashreplace")), f"cannot be read as {self.encoding}")
                    continue
            row = _parsed(str(text)) if text and not text.isspace() else {}
            if isinstance(row, str):
                refuse(reject, number, _kept(str(text)), row)
            elif row:
                yield number, row
            else:
                self.blank += 1

    def _lines(self, codec: str, plain: bool) -> Iterator[bytes | str]:
        """The lines, cut where they are longer than any good one."""
        self.file.seek(0)
        if plain:
            while line := self.file.readline(LONGEST_LINE):
                yield line
                while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    line = self.file.readline(LONGEST_LINE)
            return
        import io  # wide characters are rare

        text = io.TextIOWrapper(self.file, codec, errors="replace")
        try:
            yield from text
        finally:
            text.detach()


def _kept(text: str) -> dict[str, Any]:
    """What is left of a line that is no object, to be looked at and mended."""
    return {ORIGINAL: text.strip()}


def _parsed(text: str) -> dict[str, Any] | str:
    """The object of a line, or why there is none."""
    try:
        value = json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
    except RecursionError:
        return "is nested too deeply"
    except ValueError as error:
        return f"is not JSON: {error}"
    if not isinstance(value, dict):
        return "is not a JSON object"
    # JSON can spell halves of characters, which no database stores.
    if "\\u" in text and "\\ud" in text.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return "holds half a character (a lone surrogate)"
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
