"""Finding contacts that may be one person: blocks of candidates in SQL, a score with evidence in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm import merging  # noqa: F401 - it performs the other half of this contract
from ghl.engine.crm.addresses import primary
from ghl.engine.crm.contacts import STORE
from ghl.engine.dispatch import handles
from ghl.errors import Invalid
from ghl.sdk.crm import duplicates as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

LARGEST_BLOCK = 40
"""A key that more contacts share says nothing about any two of them."""
MOST = 20_000
FREE_MAIL = frozenset(["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "aol.com", "gmx.de", "web.de", "proton.me"])


@handles(contract.FindDuplicates)
def find(request: contract.FindDuplicates, tx: Tx) -> contract.DuplicateList:
    """Pairs of contacts that may be one person."""
    only = STORE.one(tx, request.contact_id)["id"] if request.contact_id else None
    judged = {
        (row["left_id"], row["right_id"])
        for row in tx.all("select left_id, right_id from not_duplicates where account_id = :account_id")
    }
    pairs = sorted(_candidates(tx, only) - judged)[:MOST]
    states = _states(tx, {number for pair in pairs for number in pair})
    found = []
    for left, right in pairs:
        if left in states and right in states:
            score, evidence = compare(states[left], states[right])
            if score >= request.min_score:
                found.append((score, states[left], states[right], evidence))
    found.sort(key=lambda item: (-item[0], item[1]["id"], item[2]["id"]))
    return contract.DuplicateList(
        items=[_pair(*item) for item in found[: request.limit]], total=len(found), compared=len(pairs)
    )


def _pair(score: float, left: State, right: State, evidence: list[contract.Evidence]) -> contract.DuplicatePair:
    return contract.DuplicatePair(
        left_id=left["public_id"], left=STORE.label(left), right_id=right["public_id"], right=STORE.label(right),
        score=round(score, 3), evidence=evidence,
    )  # fmt: skip


def _states(tx: Tx, numbers: Iterable[int]) -> dict[int, State]:
    wanted = sorted(numbers)
    found: dict[int, State] = {}
    for start in range(0, len(wanted), 500):
        found |= {state["id"]: state for state in STORE.load(tx, wanted[start : start + 500])}
    return found


def _candidates(tx: Tx, only: int | None) -> set[tuple[int, int]]:
    """Pairs that share a key: a phone, a folded name, the name without its order, a name at a mail domain."""
    blocks: dict[tuple[str, str], list[int]] = {}
    rows = tx.all(
        """select r.id, r.name_key, a.kind, a.key from contact_records r left join contact_addresses a on a.contact_id = r.id
        where r.account_id = :account_id and r.deleted_at is null""" + STORE.sight(tx) + " order by r.id"
    )
    for row in rows:
        for key in _keys(row):
            block = blocks.setdefault(key, [])
            if not block or block[-1] != row["id"]:
                block.append(row["id"])
    pairs: set[tuple[int, int]] = set()
    for block in blocks.values():
        if 1 < len(block) <= LARGEST_BLOCK:
            pairs |= {
                (min(a, b), max(a, b))
                for index, a in enumerate(block)
                for b in block[index + 1 :]
                if a != b and (only is None or only in (a, b))
            }
    return pairs


def _keys(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    words = row["name_key"].split()
    if words:
        yield "name", " ".join(sorted(words))
        if len(words) > 1:
            yield "shape", f"{words[0][:4]} {words[-1][:1]}"
    if row["kind"] == 2:
        yield "phone", row["key"][-9:]
    elif row["kind"] == 1:
        local, _, domain = row["key"].partition("@")
        plain = local.partition("+")[0].replace(".", "")
        yield "mailbox", f"{plain}@{'free' if domain in FREE_MAIL else domain}"
        if words and domain not in FREE_MAIL:
            yield "colleague", f"{words[0]}@{domain}"


def similar(left: str, right: str) -> float:
    """How alike two words are, from 0 to 1."""
    if left == right:
        return 1.0
    try:
        from rapidfuzz.distance import JaroWinkler  # the extra `import`; quicker and better where it is
    except ModuleNotFoundError:
        from difflib import SequenceMatcher

        return SequenceMatcher(None, left, right).ratio()
    return float(JaroWinkler.similarity(left, right))


def compare(left: State, right: State) -> tuple[float, list[contract.Evidence]]:
    """How likely two contacts are one person, and why."""
    evidence: list[contract.Evidence] = []
    against = 1.0

    def weigh(field: str, a: str | None, b: str | None, score: float) -> None:
        nonlocal against
        if score > 0:
            against *= 1 - score
        evidence.append(contract.Evidence(field=field, left=a, right=b, score=round(score, 3)))

    names = [fold(f"{s['first_name'] or ''} {s['last_name'] or ''}") for s in (left, right)]
    penalty = 0.0
    if all(names):
        alike = similar(*(" ".join(sorted(name.split())) for name in names))
        if alike >= 0.85:
            weigh("name", STORE.label(left), STORE.label(right), 0.62 * (alike - 0.6) / 0.4)
        else:
            penalty = 0.4 * (0.85 - alike)
            weigh("name", STORE.label(left), STORE.label(right), -penalty)
    if left["phones"].keys() & right["phones"].keys():
        weigh("phone", primary(left["phones"]), primary(right["phones"]), 0.55)
    mailboxes = [{_mailbox(key) for key in state["emails"]} for state in (left, right)]
    if mailboxes[0] & mailboxes[1]:
        weigh("email", primary(left["emails"]), primary(right["emails"]), 0.7)
    elif _local(left) and _local(left) == _local(right):
        weigh("email", primary(left["emails"]), primary(right["emails"]), 0.4)
    for field, score in (("birthday", 0.5), ("postal_code", 0.2), ("city", 0.12), ("street", 0.3)):
        a, b = left[field], right[field]
        if a and b and fold(a) == fold(b):
            weigh(field, a, b, score)
        elif a and b and field == "birthday":
            penalty += 0.4
            weigh(field, a, b, -0.4)
    if left["companies"].keys() & right["companies"].keys():
        weigh("company", None, None, 0.2)
    return max(0.0, 1 - against - penalty), evidence


def _mailbox(key: str) -> str:
    local, _, domain = key.partition("@")
    plain = local.partition("+")[0]
    return f"{plain.replace('.', '') if domain in FREE_MAIL else plain}@{domain}"


def _local(state: State) -> str | None:
    address = primary(state["emails"])
    return fold(address.partition("@")[0].replace(".", "")) if address else None


@handles(contract.DismissDuplicate)
def dismiss(request: contract.DismissDuplicate, tx: Tx) -> contract.Judged:
    """Remember that two contacts are two people."""
    left, right = STORE.one(tx, request.contact_id), STORE.one(tx, request.other_id)
    if left["id"] == right["id"]:
        raise Invalid("that is one contact", field="other_id")
    pair = sorted((left["id"], right["id"]))
    tx.run(
        """insert into not_duplicates (account_id, left_id, right_id, at, actor)
        values (:account_id, :left, :right, :now, :actor) on conflict (account_id, left_id, right_id) do nothing""",
        left=pair[0], right=pair[1], actor=tx.caller.actor,
    )  # fmt: skip
    return contract.Judged(left_id=left["public_id"], right_id=right["public_id"])

