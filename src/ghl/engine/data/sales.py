"""Taking deals in: pipelines and stages that are missing, products by nearly their name, a name of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ghl.engine.crm import placing, stages
from ghl.engine.crm.pipelines import STORE as PIPELINES
from ghl.engine.crm.products import STORE as PRODUCTS
from ghl.engine.crm.products import closest
from ghl.engine.data.loading import Loader
from ghl.engine.data.policies import permitted
from ghl.engine.data.reading import Values
from ghl.engine.data.related import Related
from ghl.errors import Invalid
from ghl.sdk.crm.deal_records import DealLineInput
from ghl.sdk.crm.pipelines import StageInput
from ghl.sdk.money import Money
from ghl.sdk.names import fold
from ghl.sdk.times import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from ghl.engine.columns import State
    from ghl.engine.data.runs import Run
    from ghl.engine.tx import Tx

_WON = frozenset(["won", "closed won", "win", "ganado", "ganada", "ganho", "gewonnen", "gagne", "vinto", "wygrana"])
_LOST = frozenset(["lost", "closed lost", "loss", "perdido", "perdida", "verloren", "perdu", "perso", "przegrana"])
_ORDER = (
    "new", "lead", "prospect", "contact", "qualif", "engag", "meeting", "demo", "discover", "evaluat", "proposal",
    "quote", "negotiat", "contract", "commit",
)  # fmt: skip
"""Beginnings of stage names in the order in which deals go through them."""
NEW_NAME = "new_name"
"""What a deal of a row without a name is called; one that is there keeps its own."""
_STATUS = {"open": "open", "in progress": "open", "abandoned": "abandoned", "closed": "lost"}


def ending(name: str) -> str | None:
    """The status that a stage of this name gives to a deal."""
    key = fold(name)
    return "won" if key in _WON else "lost" if key in _LOST else None


def _rank(name: str) -> int:
    if ending(name):
        return 100 if ending(name) == "won" else 101
    key = fold(name)
    return next((place for place, word in enumerate(_ORDER) if key.startswith(word) or f" {word}" in key), 50)


class Sales(Loader):
    """Takes deals."""

    def __init__(self, tx: Tx, run: Run) -> None:
        super().__init__(tx, run)
        self.related = DealReferences(self)
        labels = (one.label for one in run.choices.columns if one.target == "opened_at")
        self._opening = next(labels, None)
        """The stage that deals entered when they were opened, if that is known."""
        if "close_date" in self.policies:
            for field in ("closed_at", "expected_close_at"):
                self.policies.setdefault(field, self.policies["close_date"])

    def prepare(self, read: list[tuple[int, Values]]) -> None:
        super().prepare(read)
        references = self.related
        assert isinstance(references, DealReferences)
        wanted: dict[str, dict[str, None]] = {}
        for _, values in read:
            wanted.setdefault(values.get("pipeline", ""), {})
            if values.get("stage"):
                wanted[values.get("pipeline", "")][values["stage"]] = None
        for pipeline, names in wanted.items():
            references.place(pipeline, list(names))
        references.keep()

    def settled(self, state: State, fields: dict[str, Any]) -> dict[str, Any]:
        """A closing date is the expected one of a deal that will be open, and the end of any other."""
        name: str | None = fields.pop(NEW_NAME, None)
        if name is not None and state["id"] is None:
            fields["name"] = name
        date: datetime | None = fields.pop("close_date", None)
        through = state["id"] is None and self._opening is not None and "opened_at" in fields
        if date is None and "closed_at" not in fields and not through:
            return fields
        becomes = self._placed(state, fields)
        if through:
            state["came_through"] = self._stays(becomes, fields["opened_at"])
        if becomes["status"] != "open":
            return ({"closed_at": date} if date else {}) | fields
        if fields.pop("closed_at", None):
            self.related.notice("open deals with a date of their end: it is left out")
        if date is None:
            return fields
        return {"expected_close_on": date.astimezone(self.tx.account.tzinfo).date().isoformat()} | fields

    def _stays(self, becomes: State, moment: datetime) -> list[tuple[int, str]]:
        """The stay that a date of the file tells of, in a stage before the present one."""
        known = stages.stages(self.tx, becomes["pipeline_id"])
        here = next(one for one in known if one.id == becomes["stage_id"])
        for one in known:
            before = one.position < here.position or here.sets_status is not None
            if one.name_key == fold(self._opening or "") and one.sets_status is None and before:
                return [(one.id, stamp(moment))]
        return []

    def _placed(self, state: State, fields: dict[str, Any]) -> State:
        """Stage and status that a deal will have, by those that the row may write."""
        placed = {name: value for name, value in fields.items() if name in placing.FIELDS}
        if state["id"] is not None:
            placed = permitted(self.tx, self.store, state, placed, self.policies)
        becomes = dict(state)
        placing.place(self.tx, becomes, placed)
        return becomes


class DealReferences(Related):
    """What deals refer to beside companies and people: pipeline, stage and product."""

    def __init__(self, loader: Sales) -> None:
        super().__init__(loader)
        self._pipelines: dict[str, str] = {}

    def fields(self, values: Values) -> dict[str, Any]:
        fields = super().fields(values)
        product, currency = fields.pop("product", None), values.get("currency")
        amount: Money | None = fields.get("amount")
        if amount is not None and amount.currency is None and currency:
            amount = fields["amount"] = amount.resolved(currency.upper())
        if product:
            fields["lines"] = [self._line(product, amount)]
            product = self._spelled.get(("product", fold(product)), product)
            fields.pop("amount", None)
        if not fields.get("name"):
            fields[NEW_NAME] = _name(values, product)
        if "company" not in values:
            self.notice("deals without a company")
        stage, pipeline = fields.pop("stage", None), fields.pop("pipeline", None)
        if stage or pipeline:
            fields["pipeline_id"] = self._pipelines[fold(pipeline)]
        if stage:
            fields["stage_id"] = stage
        if "status" in fields:
            fields["status"] = self._status(fields["status"])
        return fields

    @staticmethod
    def _status(text: str) -> str:
        status = ending(text) or _STATUS.get(fold(text))
        if status is None:
            raise Invalid(f'"{text[:40]}" is no status of a deal', hint="open, won, lost, abandoned", field="status")
        return status

    # --- products

    def _line(self, name: str, amount: Money | None) -> DealLineInput:
        number = self._product(name)
        price = amount
        if price is None:
            product = PRODUCTS.load(self.tx, [number])[0]
            if product["price_currency"]:
                self.notice("deals without an amount: the price of the product is taken")
            else:
                price = Money(0, self.tx.account.currency)
        self.tx.memo["product", name] = number
        return DealLineInput(product_id=name, price=price)

    def _product(self, name: str) -> int:
        key = ("product", fold(name))
        if key not in self.known:
            found = closest(self.tx, name)
            self.known[key] = found[0] if found else self.made("product", name, PRODUCTS, {"name": name})
            if found and fold(found[1]) != key[1]:
                self._spelled[key] = found[1]
        if key in self._spelled:
            self.notice(f'product "{name}" is taken as "{self._spelled[key]}"')
        return self.known[key]

    @property
    def _spelled(self) -> dict[tuple[str, str], str]:
        known: dict[tuple[str, str], str] = self.__dict__.setdefault("_spellings", {})
        return known

    # --- pipelines and stages

    def place(self, name: str, names: list[str]) -> None:
        """Make sure that a pipeline has these stages; without a name the one that fits them."""
        tx = self.tx
        live = stages.pipelines(tx)
        wanted = name or self.run.memory.get("pipeline")
        if wanted:
            number = next((n for n, known in live if fold(known) == fold(wanted)), None)
        else:
            number = _fitting(tx, live, names)
        if number is None:
            state = PIPELINES.create(tx, {"name": wanted or self._free_name(live), "stages": _new_stages(names)})
            shown = ", ".join(one["name"] for one in state["stages"].values())
            self._say("pipeline", state["name"], f'new pipeline "{state["name"]}" with stages {shown}')
        else:
            state = self._with_stages(number, names)
        if not name:
            self.run.memory["pipeline"] = state["name"]
        self._pipelines[fold(name)] = state["public_id"]

    def _free_name(self, live: list[tuple[int, str]]) -> str:
        """A name for a pipeline that the file does not name: Sales, else the file's own."""
        taken = {fold(name) for _, name in live}
        stem = PurePath(self.run.row["file"]).stem.replace("_", " ").strip().capitalize()
        names = ["Sales", stem, *(f"{stem} {number}" for number in range(2, len(live) + 3))]
        return next(name for name in names if name and fold(name) not in taken)

    def _with_stages(self, number: int, names: list[str]) -> dict[str, Any]:
        state = PIPELINES.load(self.tx, [number], lock=True)[0]
        known = {fold(one["name"]) for one in state["stages"].values()}
        new = [name for name in names if fold(name) not in known]
        if not new:
            return state
        for name in new:
            self._say("stage", name, f'new stage "{name}" in pipeline "{state["name"]}"')
        added = [StageInput(name=name, sets_status=ending(name)) for name in sorted(new, key=_rank)]  # type: ignore[arg-type]
        return PIPELINES.update(self.tx, state, {"add_stages": added})

    def _say(self, noun: str, name: str, text: str) -> None:
        key = (noun, fold(name))
        if self.is_new(key):
            self.notice(text)
            self.run.keys[key] = 0


def _fitting(tx: Tx, live: list[tuple[int, str]], names: list[str]) -> int | None:
    """The pipeline that has the most of these stages, the first of equals; None where none has any."""
    have: Counter[int] = Counter()
    wanted = {fold(name) for name in names}
    for number, _ in live:
        have[number] = sum(stage.name_key in wanted for stage in stages.stages(tx, number))
    best = max(have, key=lambda number: have[number]) if have else None
    # Not one stage in common: these deals go their own way.
    return best if best is not None and (have[best] or not names) else None


def _new_stages(names: list[str]) -> list[StageInput] | None:
    if not names:
        return None
    ends = {ending(name) for name in names}
    more = [word for word, end in (("Won", "won"), ("Lost", "lost")) if end not in ends]
    ordered = sorted([*names, *more], key=_rank)
    if all(ending(name) for name in ordered):
        ordered.insert(0, "New")
    return [StageInput(name=name, sets_status=ending(name)) for name in ordered]  # type: ignore[arg-type]


def _name(values: Values, product: str | None) -> str:
    """A name for a deal that has none: what is sold, and to whom."""
    company = values.get("company") or values.get("contact")
    if product and company:
        return f"{product} for {company}"
    return product or company or (f"Deal {values['external_id']}" if values.get("external_id") else "")
