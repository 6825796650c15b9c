"""One run of an import as it stands between portions: its choices, its place, and what was counted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ghl.engine.data.forecast import automations
from ghl.errors import NotFound
from ghl.sdk.data.imports import ColumnInput, Import, ImportColumn, Tally
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

CREATED, CHANGED, UNCHANGED, MERGED, REJECTED = 1, 2, 3, 4, 5
VERDICTS = {CREATED: "created", CHANGED: "changed", UNCHANGED: "unchanged", MERGED: "merged", REJECTED: "rejected"}
NUMBERS = {name: number for number, name in VERDICTS.items()}
KEPT_FOR = 7 * 86_400
"""Seconds for which the rows of a plan, and lists of rejected rows, are kept."""
MOST_TEXTS = 300
"""Different texts that are counted; what comes later is counted under its field alone."""

_STORE = """insert into import_rows (import_id, line, verdict, record_id, version, detail) values (?, ?, ?, ?, ?, ?)
on conflict (import_id, line) do nothing"""
_KEYS = """insert into import_keys (import_id, kind, key, line) values (?, ?, ?, ?)
on conflict (import_id, kind, key) do nothing"""


@dataclass(slots=True)
class Verdict:
    """What became of one row, or would."""

    line: int
    kind: int
    record_id: int | None = None
    version: int | None = None
    detail: dict[str, Any] | None = None


@dataclass(slots=True)
class Choices:
    """How an import was asked for; equal choices on equal files are the same import."""

    columns: list[ColumnInput]
    mode: str = "upsert"
    match: list[str] = field(default_factory=list)
    live: bool = False
    strict_tags: bool = False
    profile: str | None = None

    def dump(self) -> str:
        """As they are stored."""
        columns = [one.model_dump(exclude_none=True, exclude={"question"}) for one in self.columns]
        values = {"columns": columns, "mode": self.mode, "match": self.match, "live": self.live}
        return json.dumps(values | {"strict_tags": self.strict_tags, "profile": self.profile}, ensure_ascii=False)

    def hash(self, *, trial: bool, plan: int | None) -> str:
        """What makes two requests the same import; the profile's name does not."""
        known = json.loads(self.dump()) | {"profile": None, "trial": trial, "plan": plan}
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def load(cls, text: str) -> Choices:
        """From what was stored."""
        values = json.loads(text)
        return cls(**{**values, "columns": [ColumnInput(**one) for one in values["columns"]]})


@dataclass(slots=True)
class Run:
    """A run under way, or a plan."""

    row: dict[str, Any]
    choices: Choices
    counts: Counter[str]
    differences: Counter[str]
    notices: Counter[str]
    raised: Counter[str]
    memory: dict[str, Any]
    """What one portion has decided for the following ones."""
    verdicts: list[Verdict] = field(default_factory=list)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, row: dict[str, Any]) -> Run:
        """From a row of `imports`."""
        counts, differences, notices, raised = (
            Counter(json.loads(row[name])) for name in ("counts", "differences", "notices", "raised")
        )
        return cls(row, Choices.load(row["options"]), counts, differences, notices, raised, json.loads(row["memory"]))

    @property
    def id(self) -> int:
        """The row key."""
        return int(self.row["id"])

    @property
    def noun(self) -> str:
        """The plural noun of the records."""
        return str(self.row["noun"])

    @property
    def trial(self) -> bool:
        """Whether nothing but the plan is kept."""
        return bool(self.row["trial"])

    def differs(self, text: str, field: str) -> None:
        """Count one change of a field, as people read it."""
        self.differences[text if text in self.differences or len(self.differences) < MOST_TEXTS else field] += 1

    def notice(self, text: str) -> None:
        """Count something that people want to know of a row that is taken."""
        self.notices[text if text in self.notices or len(self.notices) < MOST_TEXTS else "other remarks"] += 1

    def judge(self, verdict: Verdict) -> None:
        """Keep what became of a row."""
        self.counts[VERDICTS[verdict.kind]] += 1
        if self.trial or verdict.kind == REJECTED:
            self.verdicts.append(verdict)

    def save(self, tx: Tx, *, line: int, done: int) -> None:
        """Write the place, the counts and the verdicts, in the transaction of the rows."""
        digest = self._digest()
        rows = [(self.id, v.line, v.kind, v.record_id, v.version, _text(v.detail)) for v in self.verdicts]
        tx.connection.many_tuples(_STORE, rows)
        if self.trial:
            keys = sorted((kind, key, line) for (kind, key), line in self.keys.items())
            tx.connection.many_tuples(_KEYS, [(self.id, *key) for key in keys])
        self.row |= {"line": line, "done": done, "digest": digest}
        texts = {name: _text(dict(getattr(self, name))) or "{}" for name in ("counts", "differences", "notices", "raised")}
        tx.run(
            "data/imports/save", id=self.id, line=line, done=done, digest=digest,
            change_set_id=self.row["change_set_id"], memory=json.dumps(self.memory), **texts,
        )  # fmt: skip

    def _digest(self) -> str:
        """A chain over the verdicts, so that it is the same however the rows were portioned."""
        if not self.trial:
            return str(self.row["digest"])
        digest = self.row["digest"] or f"{self.row['fingerprint']}{self.row['options_hash']}"
        for v in self.verdicts:
            # What a row is merged with depends on nothing but the rows before it.
            about = "" if v.kind == MERGED else f"{v.record_id}|{v.version}|{_stable(v.detail)}"
            text = f"{digest}|{v.line}|{v.kind}|{about}"
            digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        return str(digest)

    def shown(self, tx: Tx, *, resumed: bool = False) -> Import:
        """As the contract has it."""
        row, choices = self.row, self.choices
        ended = row["state"] in ("planned", "finished")
        return Import(
            id=row["public_id"], noun=self.noun, file=row["file"], state=row["state"], trial=self.trial,
            live=choices.live, mode=choices.mode, match=choices.match,
            columns=[ImportColumn(**one.model_dump()) for one in choices.columns], profile=choices.profile,
            total=row["total"], done=row["done"], line=row["line"], resumed=resumed, counts=dict(self.counts),
            differences=tallies(self.differences), notices=tallies(self.notices),
            automations=automations(tx, self.raised) if self.trial and ended else [],
            plan=row["digest"][:8] if self.trial and ended else None, change_set=row["change_set_id"],
            actor=row["actor"], started_at=parse_stamp(row["started_at"]),
            finished_at=parse_stamp(row["finished_at"]) if row["finished_at"] else None,
        )  # fmt: skip


def tallies(counted: Counter[str]) -> list[Tally]:
    """What was counted, the most frequent first."""
    return [Tally(text=text, count=count) for text, count in counted.most_common(50)]


def _stable(detail: dict[str, Any] | None) -> str:
    """What of a row's detail is the same at every trial: no ids of records that would be made."""
    known = {
        f"{when}.{name}": value if isinstance(value, str | int | float | bool | None) or _names(value) else "…"
        for when in ("before", "after")
        for name, value in (detail or {}).get(when, {}).items()
    }
    return json.dumps(known | {"error": (detail or {}).get("error")}, sort_keys=True, ensure_ascii=False)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _text(values: dict[str, Any] | None) -> str | None:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else None


def find(tx: Tx, reference: str, *, lock: bool = False) -> Run:
    """The import with this id, or the plan with this digest."""
    text = reference.strip().lower()
    row = tx.one(f"data/imports/{'locked' if lock else 'by_id'}", public_id=text)
    row = row or plan_row(tx, text)
    if row is None:
        raise NotFound(f'there is no import "{reference}"', hint="ghl imports list", field="import_id")
    return Run.of(row)


def plan_row(tx: Tx, digest: str) -> dict[str, Any] | None:
    """The row of the plan whose digest begins so."""
    text = digest.strip().lower()
    return tx.one("data/imports/by_digest", digest=text, length=len(text)) if len(text) >= 6 else None


def known_keys(tx: Tx, run: Run, kind: str, keys: list[str]) -> set[str]:
    """Of these keys, those that earlier rows of the plan would make or touch."""
    if not run.trial or not keys:
        return set()
    rows = tx.all("data/imports/known_keys", id=run.id, kind=kind, keys=json.dumps(keys))
    return {row["key"] for row in rows}
