"""HTML turned into the text part of a mail."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.channels.html_tokens import tokens
from ghl.engine.channels.plaintext import plain_text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just &lt;text&gt; &amp; more", "just <text> & more\n"),
        ("<p>one\n   two</p><p>three</p>", "one two\n\nthree\n"),
        ("<h1>Hello <b>you</b></h1><h2>Sub</h2><p>x</p>", "Hello you\n=========\n\nSub\n---\n\nx\n"),
        ("a<br>b<br/><br>c", "a\nb\n\nc\n"),
        ('<a href="https://x.test/?a=1&amp;b=2">here</a>.', "here (https://x.test/?a=1&b=2).\n"),
        ('<a href="https://x.test/">https://x.test/</a>', "https://x.test/\n"),
        ('<a href="mailto:a@b.test">a@b.test</a> <a href="#top">top</a> <a>none</a>', "a@b.test top none\n"),
        ('<a href="https://x.test"><img src="i" alt="Shop"></a>', "Shop (https://x.test)\n"),
        ('<a href="https://x.test"><img src="i"></a>', "https://x.test\n"),
        ("<a href='https://a'>a <a href=https://b>b</a>", "a (https://a) b (https://b)\n"),
        ("<ul><li>a<li><p>b</p></ul>c", "* a\n* b\n\nc\n"),
        ("<ol start=3><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "3. a\n4. b\n  * c\n"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1<td> 2 </table>", "A  B\n1  2\n"),
        ("<p>x</p><blockquote><p>q</p><p>r</p></blockquote><p>y", "x\n\n> q\n>\n> r\n\ny\n"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n"),
        ("<pre>  a\n    b</pre>", "  a\n    b\n"),
        ("a<hr>b", f"a\n\n{'-' * 20}\n\nb\n"),
        ("<head><title>t</title></head><style>p{}</style><script>if (a < b) {}</script>x", "x\n"),
        ('<div style="display: none">hidden<div>more</div></div><span hidden>h</span>x', "x\n"),
        ("<!-- c --><!doctype html><?php x ?>x</>y<3 < 4", "xy<3 < 4\n"),
        ("a&nbsp;b&shy;c\u200b", "a bc\n"),
        ("<p>a <b>b</b> , <i> c</i>d</p>", "a b , cd\n"),
        ("<dl><dt>t<dd>d</dl>", "t\nd\n"),
        ("<select><option>a</select><textarea>b</textarea>x", "x\n"),
    ],
)  # fmt: skip
def test_documents(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_links_as_footnotes() -> None:
    html = '<p><a href="https://a">one</a>, <a href="https://b">two</a>, <a href="https://a">again</a></p>'
    assert plain_text(html, footnotes=True) == "one [1], two [2], again [1]\n\n[1] https://a\n[2] https://b\n"


@given(st.text(alphabet=st.sampled_from("<>/!-?\"'= abpiul&;\n"), max_size=200))
def test_anything_can_be_read(html: str) -> None:
    found = list(tokens(html))
    assert all(one.start < one.end for one in found)
    assert all(one.end == other.start for one, other in itertools.pairwise(found))
    if found:
        assert (found[0].start, found[-1].end) == (0, len(html))
    plain_text(html)


@pytest.mark.security
@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", '<a b="', "<a href=x>y", "</", "<![", "<script>", "<blockquote>x", "<ul><li>", "&", "<title>",
              "<a b=c ", '<a href="h">x<br>', "<td>", "<pre>\n", "<", "<h1>x"],
)  # fmt: skip
def test_broken_documents_take_linear_work(piece: str) -> None:
    """Ten times the document must not cost a hundred times the steps."""
    import sys

    def steps(html: str) -> int:
        count = 0

        def counted(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(counted)
        try:
            plain_text(html)
        finally:
            sys.setprofile(None)
        return count

    assert steps(piece * 5_000) < 15 * max(steps(piece * 500), 100)
