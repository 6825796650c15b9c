"""Products over every transport."""

from __future__ import annotations

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration


def test_a_product_is_created_shown_and_listed(crm: ghl.Client) -> None:
    """The account's currency where none is named."""
    made = crm.products.create(name="GTX Pro", sku="GTX-P", family="GTX", price="4821")
    assert made.active
    assert made.price is not None
    assert (made.price.minor, made.price.currency) == (482_100, "EUR")
    assert crm.products.get(product_id="gtx pro") == made
    assert crm.products.get(product_id="GTX-P").id == made.id
    crm.products.create(name="MG Special", family="MG", active=False)
    assert [p.name for p in crm.products.list(family="GTX")] == ["GTX Pro"]
    assert [p.name for p in crm.products.list(search="spec")] == ["MG Special"]


def test_an_article_number_is_unique_among_live_products(crm: ghl.Client) -> None:
    """Restoring one whose number is taken says by whom."""
    first = crm.products.create(name="A", sku="1")
    with pytest.raises(errors.Duplicate) as caught:
        crm.products.create(name="B", sku="1")
    assert (caught.value.field, caught.value.details["id"]) == ("sku", first.id)
    crm.products.delete(product_id=first.id)
    second = crm.products.create(name="B", sku="1")
    with pytest.raises(errors.Duplicate):
        crm.products.restore(product_id=first.id)
    crm.products.delete(product_id=second.id)
    assert crm.products.restore(product_id=first.id).sku == "1"


def test_bad_products_are_refused_in_one_sentence(crm: ghl.Client) -> None:
    """The field at fault is named."""
    with pytest.raises(errors.Invalid) as caught:
        crm.products.create(name="A", price="12,5")
    assert caught.value.field == "price"
    with pytest.raises(errors.Invalid, match="needs a name"):
        crm.products.create(sku="1")
    with pytest.raises(errors.Invalid, match="cannot be sorted"):
        crm.products.list(sort="sku")


def test_an_upsert_matches_by_number_then_name(crm: ghl.Client) -> None:
    """A name that two have is a duplicate."""
    made = crm.products.create(name="GTX Pro", sku="1")
    assert crm.products.upsert(name="Other", sku="1").id == made.id
    assert crm.products.upsert(name="OTHER", price="1").id == made.id
    crm.products.create(name="other")
    with pytest.raises(errors.Duplicate):
        crm.products.upsert(name="Other")


def test_an_import_finds_a_name_without_its_spaces(local: ghl.Client) -> None:
    """GTXPro is GTX Pro; an exact name wins; two that are equally close are none."""
    from ghl.engine.crm.products import closest

    pro = local.products.create(name="GTX Pro")

    def found(name: str) -> str | None:
        transport = local._transport
        with transport.database.read() as connection:  # type: ignore[attr-defined]
            row = closest(transport.tx(connection), name)  # type: ignore[attr-defined]
        return row[1] if row else None

    assert found("GTXPro") == found("gtx  pro") == pro.name
    assert found("GTXPr") is None
    local.products.create(name="GTXPro")
    assert found("GTXPro") == "GTXPro"
    assert found("G TXPro") is None


def test_many_products_and_their_undo(crm: ghl.Client) -> None:
    """One change set for the lot."""
    result = crm.products.create_many(items=[{"name": f"P{n}", "price": n} for n in range(1, 4)])
    assert result.count == 3
    crm.products.update_many(where="true", values={"active": False})
    assert not any(p.active for p in crm.products.list())
    crm.undo()
    assert all(p.active for p in crm.products.list())
    assert [p.name for p in crm.products.list(sort="-price")] == ["P3", "P2", "P1"]
    assert crm.products.delete_many(ids=["P1", "P2"]).count == 2
    crm.undo()
    assert crm.products.list().total == 3
