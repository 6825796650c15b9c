"""Folded names and search words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.sdk.names import fold, search_words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Maria   ALVES\t", "maria alves"), ("José Pérez", "jose perez"), ("Straße", "strasse"), ("Łukasz Ørsted", "lukasz orsted"),
        ("ÆTHER", "aether"), ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"), ("e\u0301", "e"), ("ﬁn", "fin"), ("İstanbul", "istanbul"),
        ("Ёлка", "елка"), ("a\u200bb\ufeff", "ab"), ("", ""), (None, ""), ("℡", "tel"), ("Ǆ", "dz"),
    ],
)  # fmt: skip
def test_keys(text: str | None, key: str) -> None:
    assert fold(text) == key


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("กุ", "ก"), ("कि", "क"), ("北京", "東京")])
def test_letters_of_their_own_stay(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_a_key_folds_to_itself(text: str) -> None:
    key = fold(text)
    assert fold(key) == key
    assert key == key.strip()
    assert "  " not in key


@given(st.text(st.characters(max_codepoint=127)))
def test_the_quick_way_is_the_long_way(text: str) -> None:
    from ghl.sdk import names

    assert fold(text) == " ".join(names._fold(text).split())


@given(st.text())
def test_case_never_matters_in_latin(text: str) -> None:
    latin = "".join(c for c in text if c.isascii())
    assert fold(latin.upper()) == fold(latin.lower())


def test_words() -> None:
    assert search_words("Maria", None, "Alves, maria", "maria.alves@example.com") == "maria alves example com"
    assert search_words("São_Paulo", "+351 912-345") == "sao paulo 351 912 345"
    assert search_words() == ""


@given(st.lists(st.text()))
def test_words_of_words_are_the_same(texts: list[str]) -> None:
    words = search_words(*texts)
    assert search_words(words) == words
