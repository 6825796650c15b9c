"""`ghl init`: a new file with one account, ready to work with."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli.context import current


def init(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The new file, or the URL of an empty PostgreSQL database")],
    name: Annotated[str, typer.Option(help="Name of the account")] = "main",
    zone: Annotated[str | None, typer.Option(help="Time zone, such as Europe/Lisbon; this machine's if left out")] = None,
    currency: Annotated[str, typer.Option(help="Currency of amounts without one")] = "USD",
    country: Annotated[str, typer.Option(help="Country of phone numbers without one")] = "US",
    locale: Annotated[str, typer.Option(help="Language tag")] = "en-US",
) -> None:
    """Make a new file with one account, a pipeline and an outbox for mail."""
    import ghl

    context = current()
    with ghl.init(file, name=name, zone=zone, currency=currency, country=country, locale=locale) as crm:
        stages = [
            {"name": "New", "probability": 10},
            {"name": "Qualified", "probability": 30},
            {"name": "Proposal", "probability": 60},
        ]
        crm.pipelines.create(name="Sales", stages=stages)  # type: ignore[arg-type]
        if not crm.senders.list().items:
            crm.senders.create(name="outbox", url="outbox:", from_address="Me <me@localhost.localdomain>", default=True)
    context.say(f"{file}  account {name}, pipeline Sales, mail to a local outbox")
    context.say(f"next: export GHL_DB={file}   ghl contacts add --first-name Ann --email ann@example.com")
