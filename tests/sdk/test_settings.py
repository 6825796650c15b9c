"""Settings of an account over every transport: checked, recorded, taken back."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration


def test_settings_are_shown_and_set(crm: ghl.Client) -> None:
    """What is left out stays; an empty address and no public URL are fine."""
    shown = crm.settings.show()
    assert (shown.zone, shown.currency, shown.country, shown.version) == ("Europe/Lisbon", "EUR", "PT", 1)
    changed = crm.settings.set(
        name=" Acme ", zone="America/New_York", currency="usd", country="Deutschland", locale="de-DE",
        postal_address="1 Main St", public_url="https://crm.example.com/", purge_after_days=60,
        retention_days={"events": 400}, lifecycle_stages=["lead", "customer"],
    )  # fmt: skip
    assert changed.model_dump(exclude={"id"}) == {
        "version": 2, "name": "Acme", "zone": "America/New_York", "currency": "USD", "country": "DE", "locale": "de-DE",
        "postal_address": "1 Main St", "public_url": "https://crm.example.com", "purge_after_days": 60,
        "retention_days": {"events": 400}, "lifecycle_stages": ["lead", "customer"],
        "attachment_limit": 10 * 2**20, "contact_attachments_limit": 100 * 2**20,
    }  # fmt: skip
    assert crm.settings.show() == changed
    cleared = crm.settings.set(public_url=None, postal_address=None)
    assert (cleared.public_url, cleared.postal_address, cleared.name) == (None, "", "Acme")


def test_they_rule_what_is_written_next(crm: ghl.Client) -> None:
    """Currency, country and zone of what is given without one."""
    crm.settings.set(currency="CHF", country="CH", zone="Asia/Tokyo")
    crm.pipelines.create(name="Sales")
    assert str(crm.deals.create(name="D", amount="5").amount) == "5.00 CHF"
    assert crm.contacts.create(first_name="Ana", phone="044 668 18 00").phone == "+41446681800"
    due = crm.tasks.create(title="T", due_at="tomorrow 10:00").due_at
    assert due is not None
    assert due.isoformat() == "2026-03-03T01:00:00+00:00"


WRONG: list[tuple[str, Any]] = [
    ("zone", "Europe/Lisboa"), ("zone", None), ("currency", "EURO"), ("currency", ""), ("country", "Atlantis"),
    ("locale", "not a tag"), ("name", "  "), ("public_url", "crm.example.com"), ("public_url", "http://example.com"),
    ("purge_after_days", 0), ("retention_days", {"notes": 5}), ("retention_days", {"events": 0}),
    ("lifecycle_stages", ["lead", "Lead"]), ("lifecycle_stages", [" "]), ("attachment_limit", 10**9),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_by_name(crm: ghl.Client, name: str, value: Any) -> None:
    """And nothing changes."""
    with pytest.raises(errors.Invalid) as caught:
        crm.settings.set(**{name: value})
    assert (caught.value.field or "").startswith(name)
    assert crm.settings.show().version == 1


def test_an_unknown_setting_is_refused_with_the_known_ones(crm: ghl.Client) -> None:
    """And the nearest."""
    with pytest.raises(errors.Malformed) as caught:
        crm.settings.set(curency="EUR")  # type: ignore[call-arg]
    assert (caught.value.hint or "").startswith("currency?   fields: name, zone, currency")


def test_a_change_is_recorded_and_taken_back_field_by_field(crm: ghl.Client) -> None:
    """Where a setting changed since, it stays and the reason is told."""
    crm.settings.set(zone="Asia/Tokyo", locale="ja", public_url="https://a.example.com")
    first = crm.outcome.change_set
    assert first is not None
    assert crm.changes.show(change_set_id=first).counts == {"setting changed": 1}
    crm.settings.set(locale="de")
    undone = crm.undo(change_set_id=first)
    assert [one.reason for one in undone.kept] == ["locale changed since"]
    shown = crm.settings.show()
    assert (shown.zone, shown.locale, shown.public_url) == ("Europe/Lisbon", "de", None)
    crm.redo()
    assert crm.settings.show().zone == "Asia/Tokyo"


def test_what_is_the_same_is_no_change(crm: ghl.Client) -> None:
    """Sending back what was shown, too."""
    crm.settings.set(**crm.settings.show().model_dump())
    assert crm.outcome.change_set is None
    assert crm.settings.show().version == 1


def test_a_dry_run_changes_nothing(crm: ghl.Client) -> None:
    """It answers with what would be."""
    assert crm.with_options(dry_run=True).settings.set(zone="Asia/Tokyo").zone == "Asia/Tokyo"
    assert crm.settings.show().zone == "Europe/Lisbon"


def test_an_older_version_is_refused(crm: ghl.Client) -> None:
    """With the current settings."""
    crm.settings.set(locale="de")
    with pytest.raises(errors.StaleVersion) as caught:
        crm.settings.set(locale="fr", version=1)
    assert caught.value.details["current"]["locale"] == "de"


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [("country", "Portugl", "Portugal?"), ("country", "XX", "a code of two letters"), ("locale", "english", "pt-PT"), ("locale", "pt-XX", "pt-PT")],
)
def test_what_is_no_country_and_no_language_is_told_with_what_is_meant(file_crm: ghl.Client, field: str, value: str, hint: str) -> None:
    with pytest.raises(errors.Invalid) as caught:
        file_crm.settings.set(**{field: value})  # type: ignore[arg-type]
    assert (caught.value.field, hint in str(caught.value.hint)) == (field, True)


def test_a_language_tag_is_kept_as_it_is_written(file_crm: ghl.Client) -> None:
    assert [file_crm.settings.set(locale=tag).locale for tag in ("EN_us", "zh-hant-tw", "de")] == ["en-US", "zh-Hant-TW", "de"]
