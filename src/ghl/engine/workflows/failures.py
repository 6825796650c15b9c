"""What happens when a step fails for a person: back-off, then continue, stop, go to a step, or park."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ghl.engine.ids import draw
from ghl.engine.workflows.batch import BROKE, FAILED, PARKED, RETRIED, SKIPPED
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group, Member
    from ghl.errors import GhlError

TRIES = 5
FIRST, LONGEST = 10_000, 3_600_000


def delay(enrollment_id: int, attempt: int, first: int = FIRST) -> int:
    """Milliseconds before the next try: ten seconds, then four times as long each time, an hour at most."""
    plain: int = min(LONGEST, first * 4**attempt)
    return round(plain * (0.8 + 0.4 * draw("back-off", f"{enrollment_id}:{attempt}")))


def failed(group: Group, one: Member, error: GhlError, *, final: bool = False) -> None:
    """Decide for one person what follows a failure; a final one is not tried again."""
    policy, n, attempt = group.step.policy, one.n, one.attempt
    retry = policy.retry if policy else None
    tries = (retry.times + 1) if retry else (1 if policy and policy.then else TRIES)
    told = {"error": error.message, "code": error.code, "attempt": attempt + 1}
    if error.hint:
        told["hint"] = error.hint
    detail = json.dumps(told, ensure_ascii=False)
    run = group.tx.connection.run
    if attempt + 1 < tries and not final:
        first = parse_duration(str(retry.backoff)).total_seconds * 1000 if retry else FIRST
        run(
            f"""update batch set outcome = {RETRIED}, tries = :tries, next_id = step_id, run_at = :run_at,
            detail = :detail where n = :n""",
            {
                "tries": attempt + 1, "run_at": group.tx.now_ms + delay(one.enrollment_id, attempt, first),
                "detail": detail, "n": n,
            },
        )  # fmt: skip
        return
    then = {
        "continue": "",
        "goto": f", next_id = {group.step.goto_id or 'null'}",
        "stop": f", state = {FAILED}, next_id = null",
        None: f", state = {PARKED}, next_id = step_id, tries = {attempt + 1}",
    }[policy.then if policy else None]
    run(f"update batch set outcome = {BROKE}, detail = :detail{then} where n = :n", {"detail": detail, "n": n})


def expired(group: Group) -> None:
    """Skip those for whom the step comes too late."""
    policy = group.step.policy
    if policy is None or policy.expiry is None:
        return
    latest = group.tx.now_ms - parse_duration(str(policy.expiry)).total_seconds * 1000
    group.set(f"outcome = {SKIPPED}, detail = :why", " and due < :latest", why='"too late"', latest=latest)
