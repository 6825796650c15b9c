"""Pages: every list of the contract is read by number with an exact total, or by cursor without one."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import nouns
from ghl.errors import Invalid, Malformed
from ghl.sdk.operation import Operation, build, result_of
from ghl.sdk.page import Page

pytestmark = pytest.mark.integration

WORKFLOW = """workflow: Welcome
status: active
re_entry: always
steps:
  - wait: 2 days
"""
LISTS = {
    name: kind for name, kind in sorted(nouns.operations().items())
    if isinstance(result_of(kind), type) and issubclass(result_of(kind), Page)
}  # fmt: skip
WHOLE = frozenset({"fields.list"})
"""Lists that are answered whole."""


@pytest.fixture
def full(crm: ghl.Client) -> ghl.Client:
    """Three or more of everything that is listed."""
    people = [crm.contacts.create(first_name=name, email=f"{name}@example.com", tags=["a", "b", "c"]) for name in ("ann", "bob", "cid")]
    ann = people[0]
    pipelines = [crm.pipelines.create(name=name, stages=["New", "Old", "Sold"]) for name in ("P", "Q", "R")]
    for n in range(3):
        crm.companies.create(name=f"Firm {n}")
        crm.products.create(name=f"Product {n}")
        deal = crm.deals.create(name=f"Deal {n}", pipeline_id=pipelines[0].id, stage_id="New", contact_id=ann.id)
        crm.notes.create(body=f"Note {n}", contact_id=ann.id, company_id="Firm 0", deal_id=deal.id)
        crm.tasks.create(title=f"Task {n}", contact_id=ann.id)
        crm.activities.create(kind="call", contact_id=ann.id)
        crm.attachments.create(contact_id=ann.id, name=f"{n}.txt", content=b"x")
        crm.users.create(name=f"User {n}", email=f"user{n}@example.com")
        crm.views.create(name=f"v{n}", noun="contacts", where="true")
        crm.templates.create(name=f"t{n}", subject="Hello", html="<p>Hello</p>", kind="transactional")
        crm.senders.create(name=f"s{n}", url="outbox:", from_address="me@example.com")
        crm.suppressions.create(address=f"no{n}@example.com")
        crm.workflows.apply(source=WORKFLOW.replace("Welcome", f"W{n}"))
        columns: Any = [{"column": "mail", "target": "email"}]
        run = crm.imports.begin(noun="contacts", file=f"{n}.csv", fingerprint=f"{n}" * 32, columns=columns, profile=f"m{n}", guessed=False)
        crm.imports.rows(import_id=run.id, after=0, lines=[2, 3, 4], rows=[["a@@b"], ["c@@d"], ["e@@f"]])
        crm.imports.finish(import_id=run.id)
        crm.contacts.update(contact_id=ann.id, city=f"City {n}")
        crm.companies.update(company_id="Firm 0", city=f"City {n}")
    crm.deals.move(deal_id="Deal 0", stage="Old")
    crm.deals.move(deal_id="Deal 0", stage="Sold")
    for person in people:
        crm.workflows.enroll(workflow_id="W0", contact_id=person.id)
        crm.workflows.enroll(workflow_id="W1", contact_id=ann.id)
        crm.messages.send(template_id="t0", contact_id=person.id)
    return crm


def _operation(crm: ghl.Client, name: str, **fields: Any) -> Operation[Any]:
    kind = LISTS[name]
    run = crm.imports.list(page_size=1).items[0].id if "import_id" in kind.model_fields else ""
    known = {
        "import_id": run, "contact_id": "ann@example.com", "company_id": "Firm 0", "deal_id": "Deal 0",
        "noun": "contact", "record_id": "ann@example.com",
    }  # fmt: skip
    needed = {key: known[key] for key, info in kind.model_fields.items() if info.is_required()}
    return build(kind, {**needed, **fields})


def _places(page: Page[Any]) -> list[str]:
    return [str(one) for one in page.items]


def test_a_list_has_numbered_pages_with_a_total_and_goes_on_by_cursor(full: ghl.Client) -> None:
    """Both ways show the same records in the same order, each once."""
    for name in sorted(set(LISTS) - WHOLE):
        _check(full, name)


def _check(crm: ghl.Client, name: str) -> None:
    def ask(**fields: Any) -> Page[Any]:
        answer: Page[Any] = crm._transport.send(_operation(crm, name, **fields))  # type: ignore[attr-defined]
        return answer

    whole = ask(page_size=100)
    assert (whole.page, whole.total) == (1, len(whole.items)), f"{name}: the first page has a number and an exact total"
    assert len(whole.items) >= 3, name
    numbered = [ask(page=number, page_size=2) for number in range(1, -(-len(whole.items) // 2) + 1)]
    assert [one for page in numbered for one in _places(page)] == _places(whole), name
    assert {(page.total, page.page_size) for page in numbered} == {(whole.total, 2)}, name
    assert [page.page for page in numbered] == list(range(1, len(numbered) + 1)), name
    assert [page.next_cursor is None for page in numbered] == [False] * (len(numbered) - 1) + [True], name
    second = ask(cursor=numbered[0].next_cursor, page_size=2)
    assert (second.page, second.total, _places(second)) == (None, None, _places(numbered[1])), name
    walked = [*numbered[0].items, *second.items]
    while second.next_cursor:
        second = ask(cursor=second.next_cursor, page_size=2)
        walked += second.items
    assert list(map(str, walked)) == _places(whole), name
    assert _places(ask(page=len(numbered) + 1, page_size=2)) == [], name
    for wrong in ("x", "é", "-1", "9" * 30):
        with pytest.raises(Malformed, match="the cursor is not one of this list"):
            ask(cursor=wrong)
    with pytest.raises(Invalid, match="beyond the first 10,000"):
        ask(page=99_999)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_takes_the_same_words(name: str) -> None:
    """Whoever knows one list knows all of them."""
    assert {"page", "page_size", "cursor"} <= set(LISTS[name].model_fields)
