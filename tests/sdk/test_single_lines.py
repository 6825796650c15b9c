"""Fields of one line: a line break or another control character is refused, wherever a text has several lines it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ghl
from ghl.errors import Invalid

pytestmark = [pytest.mark.integration, pytest.mark.security]

Write = Callable[[ghl.Client], Any]


@pytest.mark.parametrize(
    ("write", "field", "hint"),
    [
        (lambda crm: crm.contacts.create(first_name="Eve\nBcc: x"), "first_name", '"Eve Bcc: x"'),
        (lambda crm: crm.contacts.create(first_name="Eve", last_name="Red\x1b[31m"), "last_name", '"Red[31m"'),
        (lambda crm: crm.contacts.create(first_name="Eve", city="Porto\r\n\tNorth"), "city", '"Porto North"'),
        (lambda crm: crm.contacts.create(first_name="A\x00nn"), "first_name", '"Ann"'),
        (lambda crm: crm.contacts.create(first_name="Eve\u2028Bcc: x"), "first_name", '"Eve Bcc: x"'),
        (lambda crm: crm.contacts.create(first_name="A", tags=["v\x07ip"]), "name", '"vip"'),
        (lambda crm: crm.contacts.create(first_name="A", emails=[{"address": "a@x.com", "label": "w\nx"}]), "label", '"w x"'),
        (lambda crm: crm.contacts.upsert(email="a@x.com", job_title="Boss\x9b", match=["email"]), "job_title", '"Boss"'),
        (lambda crm: crm.companies.create(name="Acme\nLtd"), "name", '"Acme Ltd"'),
        (lambda crm: crm.pipelines.create(name="Sales", stages=["Ne\x07w"]), "stages", '"New"'),
        (lambda crm: crm.tasks.create(title="Call\nMaria"), "title", '"Call Maria"'),
        (lambda crm: crm.users.create(name="Ines\n", email="i@x.com") and crm.users.create(name="I\nnes"), "name", '"I nes"'),
        (lambda crm: crm.templates.create(name="t", subject="Hi\nBcc: x", body="x"), "subject", '"Hi Bcc: x"'),
        (lambda crm: crm.senders.create(name="s", url="outbox:x", from_address="A\nB <a@x.com>"), "from_address", '"A B <a@x.com>"'),
        (lambda crm: crm.settings.set(name="No\nrte"), "name", '"No rte"'),
    ],
)  # fmt: skip
def test_is_refused(crm: ghl.Client, write: Write, field: str, hint: str) -> None:
    with pytest.raises(Invalid) as caught:
        write(crm)
    assert caught.value.field == field
    assert caught.value.message.startswith(f"`{field}` holds a ")
    assert caught.value.hint == hint
    assert crm.contacts.list().total == 0


def test_texts_of_several_lines_keep_them(crm: ghl.Client) -> None:
    text = "one\n\ttwo\r\nthree"
    ann = crm.contacts.create(first_name=" Ann\n", street="Rua A\n2.º andar")
    assert (ann.first_name, ann.street) == ("Ann", "Rua A\n2.º andar")
    assert crm.notes.create(body=text, contact_id=ann.id).body == text
    assert crm.tasks.create(title="Call", body=text).body == text
    assert crm.companies.create(name="Acme", description=text).description == text
    assert crm.products.create(name="Pen", description=text).description == text
    assert crm.tags.create(name="vip", description=text).description == text
    assert crm.fields.create(name="size", noun="contact", type="text", description=text).description == text
    assert crm.templates.create(name="t", subject="s", html=text, description=text).html == text
