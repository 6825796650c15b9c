"""`ghl NOUN import FILE` and `ghl NOUN export [FILE]`; `ghl import` and `ghl export` for everything."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ghl import nouns
from ghl.cli.context import Context, UsageError, current
from ghl.cli.words import counted

IMPORTED = ("contacts", "companies", "deals", "products", "users", "notes", "tasks", "suppressions")
EXPORTED = (*IMPORTED, "activities", "pipelines", "tags")
VERDICTS = ("created", "changed", "unchanged", "merged", "rejected")
DATES = ("dmy", "mdy", "ymd", "iso")


def verbs(noun: str) -> dict[str, Callable[..., Any]]:
    """The verbs `import` and `export` of a noun that has them."""
    found: dict[str, Callable[..., Any]] = {}
    if noun in IMPORTED:
        found["import"] = _import_of(noun)
    if noun in EXPORTED:
        found["export"] = _export_of(noun)
    return found


def pairs(texts: list[str], option: str, example: str) -> dict[str, str]:
    """`Column=field` options as a dictionary; the column may hold an equals sign, the field may not."""
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not equals or not name:
            raise UsageError(f'{option} "{text}" has no "="', hint=f"{option} {example}")
        found[name.strip()] = value.strip()
    return found


def _import_of(noun: str) -> Callable[..., Any]:
    def run(
        file: Annotated[str, typer.Argument(metavar="FILE|-", help="CSV, JSON Lines, vCard or XLSX; - is stdin", show_default=False)],
        columns: Annotated[list[str], typer.Option("--map", metavar="COLUMN=FIELD", help="What a column becomes; nothing behind = leaves it out")] = [],  # noqa: B006 - typer reads it once
        mapping: Annotated[str | None, typer.Option("--mapping", metavar="NAME", help="A kept mapping, or hubspot, mailchimp, gohighlevel")] = None,
        mode: Annotated[str, typer.Option("--mode", help="upsert, create, update; suppress for opt-outs")] = "upsert",
        match: Annotated[list[str], typer.Option("--match", metavar="FIELD", help="What rows are matched by, in order")] = [],  # noqa: B006
        policy: Annotated[list[str], typer.Option("--policy", metavar="FIELD=POLICY", help="overwrite, fill, append or never")] = [],  # noqa: B006
        dates: Annotated[str | None, typer.Option("--dates", help="Order in dates: dmy, mdy or ymd")] = None,
        live: Annotated[bool, typer.Option("--live", help="Let workflows start")] = False,
        show: Annotated[str | None, typer.Option("--show", help="List rows of the plan: created, changed, merged, unchanged, rejected")] = None,
        source: Annotated[str | None, typer.Option("--from", metavar="FORMAT", help="csv, jsonl, vcard or xlsx, where the name does not say")] = None,
        encoding: Annotated[str | None, typer.Option("--encoding", help="Such as cp1252; found out if left out")] = None,
        delimiter: Annotated[str | None, typer.Option("--delimiter", help="Such as ; or tab; found out if left out")] = None,
        rejects: Annotated[str | None, typer.Option("--rejects", metavar="FILE", help="Where rejected rows go")] = None,
        strict_tags: Annotated[bool, typer.Option("--strict-tags", help="Refuse tags that do not exist yet")] = False,
    ) -> int:
        """Import a file: --dry-run shows the plan, --plan DIGEST does exactly that; repeat it to go on."""
        from ghl.engine.data.files import Wish

        context = current()
        if mode not in ("upsert", "create", "update", "suppress"):
            raise UsageError(f'there is no mode "{mode}"', hint="upsert, create, update or suppress")
        if dates is not None and dates not in DATES:
            raise UsageError(f'--dates cannot be "{dates}"', hint="dmy, mdy or ymd")
        if show is not None and show not in VERDICTS:
            raise UsageError(f'there is no verdict "{show}"', hint=", ".join(VERDICTS))
        wish = Wish(
            mode=mode, match=match or None, policies=pairs(policy, "--policy", "city=fill"),  # type: ignore[arg-type]
            targets=pairs(columns, "--map", '"E-mail=email"'),  # type: ignore[arg-type]
            dates=dates, profile=mapping, trial=context.dry_run or show is not None, live=live, plan=context.plan,  # type: ignore[arg-type]
            strict_tags=strict_tags, rejects=Path(rejects) if rejects else None,
        )  # fmt: skip
        return run_import(context, noun, file, wish, show=show, format=source, encoding=encoding, delimiter=delimiter)

    return run


_OPTIONS = {"format": "--from", "encoding": "--encoding", "delimiter": "--delimiter"}
"""How the file is read; a plan is applied with the same."""


def run_import(context: Context, noun: str, file: str, wish: Any, *, show: str | None = None, **format: Any) -> int:
    """Import one file and tell of it; 7 where rows were rejected."""
    from ghl.cli.views import imports as view
    from ghl.engine.data.files import open_import

    crm = context.crm.with_options(dry_run=False, plan=None, origin="cli")
    job = open_import(crm, noun, file, wish, **format)
    with job.source:
        if job.questions:
            job.with_dates(_asked(context, job.questions[0]))  # type: ignore[arg-type]
        view.opened(context, job)
        state = job.begin()
        if state.resumed:
            context.say(f"going on behind line {state.line:,}: {state.done:,} rows are done already")
        bar = view.Bar(context)
        done = job.run(bar.show)
        bar.clear()
    command = shlex.join(["ghl", noun, "import", file, *(word for name, value in format.items() if value for word in (_OPTIONS[name], value))])
    if show is not None:
        view.rows(context, crm, done, show)
    elif context.json:
        from ghl.cli.output import write_json

        write_json(done)
    else:
        view.finished(context, crm, done, job, command)
    return 7 if done.counts.get("rejected") and not done.trial else 0


def _asked(context: Context, question: str) -> str:
    """The order of dates, asked on a terminal; refused where nobody can be asked."""
    import sys

    from ghl.errors import Invalid

    if not context.terminal or context.yes:
        raise Invalid(f"dates of {question}", hint="--dates dmy, --dates mdy or --dates ymd", field="dates")
    while True:
        sys.stderr.write(f"{question}\norder of day, month and year (dmy, mdy, ymd)? ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer:
            raise UsageError("nothing was changed")
        if answer.strip().lower() in DATES:
            return answer.strip().lower()


def _export_of(noun: str) -> Callable[..., Any]:
    def run(
        file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="By its name CSV, JSON Lines, vCard or XLSX; stdout if left out", show_default=False)] = "-",
        where: Annotated[str | None, typer.Option("--where", help="Only records for which this is true")] = None,
        search: Annotated[str | None, typer.Option("--search", help="Only records with these words")] = None,
        to: Annotated[str | None, typer.Option("--to", metavar="FORMAT", help="csv, jsonl, vcard or xlsx")] = None,
        version: Annotated[str, typer.Option("--vcard-version", help="2.1, 3.0 or 4.0")] = "4.0",
        delimiter: Annotated[str, typer.Option("--delimiter", help="Of a CSV file")] = ",",
        encoding: Annotated[str, typer.Option("--encoding", help="Of a CSV file")] = "utf-8",
    ) -> None:
        """Export records to a file, streamed; --fields chooses the columns."""
        from ghl.engine.data.copies import export_records

        context = current()
        shape = to or (context.format if context.format in ("csv", "tsv", "ndjson", "json") else None)
        count = export_records(
            context.crm, noun, file, where=where, search=search, fields=context.fields, format=shape,
            version=version, delimiter=delimiter, encoding=encoding,
        )  # fmt: skip
        if file != "-":
            context.say(f"{file}: {count:,} {noun}")

    return run


def export(
    target: Annotated[str, typer.Argument(metavar="FILE.jsonl|DIR", help="One file, or a folder with a file for each noun", show_default=False)],
) -> None:
    """Write everything: each record with its id and dates, in an order that can be read back."""
    from ghl.engine.data.copies import export_everything

    context = current()
    counts = export_everything(context.crm, target)
    for noun, count in counts.items():
        context.say(f"  {count:>9,} {counted(count, nouns.NOUNS[noun].singular).partition(' ')[2]}")
    context.say(f"{target}: {sum(counts.values()):,} records")


def import_everything(
    source: Annotated[str, typer.Argument(metavar="FILE.jsonl|DIR", help="What `ghl export` has written", show_default=False)],
) -> None:
    """Read everything back into an empty account: ids, dates and relations as they were."""
    from ghl.engine.data.copies import import_copy

    context = current()
    if context.dry_run or context.plan:
        raise UsageError("a copy is read into an empty account; there is nothing to compare it with")
    counts, change_set = import_copy(context.crm.with_options(dry_run=False, plan=None), source)
    for noun, count in counts.items():
        context.say(f"  {count:>9,} {counted(count, nouns.NOUNS[noun].singular).partition(' ')[2]}")
    context.say(f"change set {change_set}: {sum(counts.values()):,} records")
    for sender in context.crm.senders.list():
        if "@" in sender.url and not sender.secret:
            # A password never leaves its database, so a copy has none.
            context.say(f"sender {sender.name} needs its password: ghl senders edit {sender.name} --url {sender.url.replace('@', ':PASSWORD@', 1)}")


# The command is `ghl import`, which is no name in Python.
globals()["import"] = import_everything
