"""The generated reference is current, and what it lists can be typed."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from ghl import nouns
from ghl.cli import group, main
from ghl.cli.diagnostics import EXIT_CODES
from ghl.contract import contract
from tests.docs.guide import ROOT

pytestmark = pytest.mark.unit
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["operations.json", "api.md", "cli.md"])
def test_a_page_is_current(generate: ModuleType, name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == generate.pages()[name], "run: python docs/generate.py"


def test_everything_has_a_place() -> None:
    known, api, cli = contract(), (REFERENCE / "api.md").read_text("utf-8"), (REFERENCE / "cli.md").read_text("utf-8")
    for name in known["operations"]:
        assert f"\n### {name}\n" in api
    for name in known["events"]:
        assert f"\n- `{name}`: " in api
    for code in known["errors"]:
        assert f"\n| `{code}` | " in api
    for number in EXIT_CODES:
        assert f"\n| {number} | " in cli


def test_every_command_of_the_page_can_be_typed() -> None:
    page = (REFERENCE / "cli.md").read_text("utf-8")
    typed = re.findall(r"^\| `ghl ([\w-]+)(?: ([\w-]+))?` \|", page, re.MULTILINE)
    assert len(typed) > 150
    for first, verb in typed:
        if first in nouns.NOUNS and verb:
            assert group.found(first, verb)[1], (first, verb)
        else:
            function = main.function_of(first)
            assert verb in function if isinstance(function, dict) else not verb
