"""The report of a pipeline: its cohort's conversion and velocity, stale deals and forecast of now."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from ghl.engine.crm.boards import cards
from ghl.engine.crm.deals import NO_DAY
from ghl.engine.crm.stages import stages
from ghl.engine.dispatch import handles
from ghl.engine.stores import resolve, store_of
from ghl.errors import Invalid
from ghl.sdk.crm import pipeline_reports as contract
from ghl.sdk.money import Money
from ghl.sdk.times import parse_moment, parse_stamp, stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

STALE_DAYS = 30
DAY = 86_400
_EVER = ("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z")


@handles(contract.ReportPipeline)
def report(request: contract.ReportPipeline, tx: Tx) -> contract.PipelineReport:
    """Report on one pipeline."""
    pipeline = store_of("pipeline").one(tx, request.pipeline_id)
    owner = resolve(tx, "user", request.owner_id, field="owner_id") if request.owner_id else 0
    params = {"pipeline_id": pipeline["id"], "owner_id": owner}
    window = _window(tx, request)
    cohort = params | {"since": window[0], "until": window[1]}
    counts = {row["status"]: row["number"] for row in tx.all("crm/pipeline_reports/outcomes", **cohort)}
    won, lost = counts.get("won", 0), counts.get("lost", 0)
    days = request.stale_days or pipeline["stale_days"] or STALE_DAYS
    before = stamp(tx.at - timedelta(days=days))
    stalest = tx.all("crm/pipeline_reports/stalest", before=before, **params)
    return contract.PipelineReport(
        pipeline_id=pipeline["public_id"], name=pipeline["name"],
        cohort=_in_words(tx, request, pipeline["name"], window),
        deals=sum(counts.values()), open=counts.get("open", 0), won=won, lost=lost,
        abandoned=counts.get("abandoned", 0), win_rate=_part(won, won + lost), cycle_days=_cycle(tx, cohort),
        stages=_stages(tx, pipeline["id"], cohort),
        lost_reasons=[
            contract.LostReason(reason=row["reason"], count=row["number"])
            for row in tx.all("crm/pipeline_reports/reasons", **cohort)
        ],
        stale_days=days, stale_count=tx.value("crm/pipeline_reports/stale", before=before, **params),
        stale=cards(tx, [row["id"] for row in stalest]),
        forecast=[_month(row) for row in tx.all("crm/pipeline_reports/forecast", **params)],
    )  # fmt: skip


def _window(tx: Tx, request: contract.ReportPipeline) -> tuple[str, str]:
    def moment(text: str | None, field: str, left_out: str) -> str:
        if text is None:
            return left_out
        return stamp(parse_moment(text, now=tx.at, zone=tx.account.zone, field=field))

    since, until = moment(request.since, "since", _EVER[0]), moment(request.until, "until", _EVER[1])
    if since >= until:
        raise Invalid("`since` must be before `until`", field="since")
    return since, until


def _in_words(tx: Tx, request: contract.ReportPipeline, name: str, window: tuple[str, str]) -> str:
    def day(text: str) -> str:
        local = parse_stamp(text).astimezone(tx.account.tzinfo)
        return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"

    words = f"deals of {name} opened"
    if request.since is not None:
        words += f" from {day(window[0])}"
    if request.until is not None:
        words += f" until {day(window[1])}"
    if request.since is None and request.until is None:
        return f"all deals of {name}"
    return f"{words} ({tx.account.zone})"


def _part(some: int, every: int) -> float | None:
    return round(some / every, 4) if every else None


def _days(seconds: Any) -> float | None:
    return round(float(seconds) / DAY, 2) if seconds is not None else None


def _cycle(tx: Tx, cohort: dict[str, Any]) -> float | None:
    """Average days from opened to won; the subtraction of moments differs between databases, so it is done here."""
    seconds, count, after = 0.0, 0, 0
    while rows := tx.all("crm/pipeline_reports/won", after=after, **cohort):
        for row in rows:
            seconds += (parse_stamp(row["closed_at"]) - parse_stamp(row["opened_at"])).total_seconds()
        count, after = count + len(rows), rows[-1]["id"]
    return _days(seconds / count) if count else None


def _stages(tx: Tx, pipeline_id: int, cohort: dict[str, Any]) -> list[contract.StageReport]:
    reached = {row["stage_id"]: row for row in tx.all("crm/pipeline_reports/reached", **cohort)}
    stays = {row["stage_id"]: row for row in tx.all("crm/pipeline_reports/stays", **cohort)}
    unknown = {row["stage_id"]: row["number"] for row in tx.all("crm/pipeline_reports/unknown", **cohort)}
    found = []
    for stage in stages(tx, pipeline_id):
        row, stay = reached.get(stage.id, {}), stays.get(stage.id, {})
        entered, advanced = int(row.get("entered", 0)), int(row.get("advanced", 0))
        ends = stage.sets_status is not None
        one = contract.StageReport(
            stage_id=stage.public_id, name=stage.name, probability=stage.probability, entered=entered,
            advanced=0 if ends else advanced, lost=int(row.get("lost", 0)), here=int(row.get("here", 0)),
            unknown=unknown.get(stage.id, 0),
            conversion=None if ends or stage.id in unknown else _part(advanced, entered), average_days=_days(stay.get("average")),
            median_days=_days(stay.get("median")),
        )  # fmt: skip
        found.append(one)
    return found


def _month(row: dict[str, Any]) -> contract.ForecastMonth:
    weighted = (Decimal(int(row["weighted"])) / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return contract.ForecastMonth(
        month=row["month"] if row["month"] != NO_DAY[:7] else None, count=row["number"],
        amount=Money(minor=int(row["amount"]), currency=row["currency"]),
        weighted=Money(minor=int(weighted), currency=row["currency"]),
    )  # fmt: skip
