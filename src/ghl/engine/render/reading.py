"""What Jinja2 says of a template that it cannot read, in the words of somebody who writes one."""

from __future__ import annotations

import re
from difflib import get_close_matches

TAGS = ("if", "elif", "else", "endif", "for", "endfor", "set", "include", "raw", "endraw")
_ENDS = {"end of print statement": "}}", "end of statement block": "%}", "end of template": "the end of the text"}
_OPEN = re.compile(r"innermost block that needs to be closed is '(\w+)'")
_TAG = re.compile(r"unknown tag '(\w+)'")
_CHAR = re.compile(r"unexpected char ['\"](.+)['\"] at \d+")
_TOKEN = re.compile(r"expected token '([^']+)', got '([^']+)'")


def explained(message: str) -> tuple[str, str | None]:
    """One sentence, and what to write instead where that can be known."""
    block, tag, token = _OPEN.search(message), _TAG.search(message), _TOKEN.search(message)
    if tag is not None and tag[1] in TAGS and block is not None:
        return f"{{% {tag[1]} %}} cannot stand here, where {{% {block[1]} %}} is open", f"{{% end{block[1]} %}}"
    if tag is not None and tag[1] in TAGS and not tag[1].startswith("end"):
        return f"{{% {tag[1]} %}} cannot stand here", None
    if tag is not None:
        begun = tag[1].removeprefix("end") if tag[1].startswith("end") else ""
        if begun in TAGS:
            return f"{{% {tag[1]} %}} closes nothing", f"{{% {begun} … %}} before it"
        near = get_close_matches(tag[1], TAGS, 1)
        return f'there is no tag "{tag[1]}"', f"{near[0]}?" if near else "tags: if, for, set and include"
    if block is not None:
        return f"{{% {block[1]} %}} is not closed", f"{{% end{block[1]} %}}"
    if message.startswith("unexpected end of template") or (token and token[2] == "end of template"):
        return "{{ or {% is not closed", "{{ contact.first_name }}"
    if token is not None:
        wanted, found = (_ENDS.get(one, f'"{one}"') for one in token.groups())
        return f"expected {wanted}, not {found}", None
    if message.lower().startswith("expected an expression"):
        return "an expression is empty or breaks off", None
    char = _CHAR.match(message)
    if char is not None:
        return f"{char[1]} is not expected here", "a text has quotes on both sides" if char[1] in "\"'" else None
    first = message.split(". ")[0].rstrip(".") or "the template cannot be read"
    return first[:1].lower() + first[1:], None
