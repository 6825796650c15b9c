"""Writes the generated part of the reference; `--check` fails where it is not current."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ghl.contract import contract

HERE = Path(__file__).resolve().parent / "reference"


def pages() -> dict[str, str]:
    """Every generated page and its text."""
    known = contract()
    lines = ["# API", "", "Every operation, its route and its fields. Generated from the contract.", ""]
    cli = ["# Command line", "", "Every derived command. Generated from the contract; `ghl NOUN VERB --help` has its options.", ""]
    noun = None
    for name, one in known["operations"].items():
        group = name.rpartition(".")[0] or "system"
        if group != noun:
            noun = group
            lines += [f"## {group}", ""]
            cli += [f"## {group}", ""]
        lines += [f"### {name}", "", f"`{one['method']} /api/v1{one['path']}` → {one['result']}, {one['status']}", "", one["summary"], ""]
        lines += [f"- `{field}`: {about['type']}{' (required)' if about['required'] else ''} {about.get('description', '')}".rstrip() for field, about in one["fields"].items()]
        lines.append("")
        verb = name.rpartition(".")[2]
        spelled = {"create": "add", "get": "show", "update": "edit"}.get(verb, verb).replace("_", "-")
        words = f"ghl {group} {spelled}" if group != "system" else f"ghl {spelled}"
        cli += [f"- `{words}`: {one['summary']}"]
    lines += ["## Events", ""] + [f"- `{name}`: {about['summary']}" for name, about in known["events"].items()]
    lines += ["", "## Errors", ""] + [f"- `{code}`: {about['status']}, exit {about['exit_code']}. {about['summary']}" for code, about in known["errors"].items()]
    return {
        "operations.json": json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
        "api.md": "\n".join(lines) + "\n",
        "cli.md": "\n".join(cli) + "\n",
    }


def main() -> int:
    stale = []
    HERE.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = HERE / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, "utf-8")
    if stale:
        print(f"not current: {', '.join(stale)}; run: python docs/generate.py")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
