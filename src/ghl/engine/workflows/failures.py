"""What happens when a step fails for a person: back-off, then continue, stop, go to a step, or park."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ghl.engine.ids import draw
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group
    from ghl.errors import GhlError

TRIES = 5
FIRST, LONGEST = 10_000, 3_600_000


def delay(enrollment_id: int, attempt: int, first: int = FIRST) -> int:
    """Milliseconds before the next try: ten seconds, then four times as long each time, an hour at most."""
    plain = min(LONGEST, first * 4**attempt)
    return round(plain * (0.8 + 0.4 * draw("back-off", f"{enrollment_id}:{attempt}")))


def failed(group: Group, n: int, enrollment_id: int, attempt: int, error: GhlError) -> None:
    """Decide for one person what follows a failure."""
    policy = group.step.policy
    retry = policy.retry if policy else None
    tries = (retry.times + 1) if retry else (1 if policy and policy.then else TRIES)
    told = {"error": error.message, "code": error.code, "attempt": attempt + 1}
    if error.hint:
        told["hint"] = error.hint
    detail = json.dumps(told, ensure_ascii=False)
    run = group.tx.connection.run
    if attempt + 1 < tries:
        first = parse_duration(str(retry.backoff)).total_seconds * 1000 if retry else FIRST
        run(
            """update batch set outcome = 6, tries = :tries, next_id = step_id, run_at = :run_at, detail = :detail
            where n = :n""",
            {
                "tries": attempt + 1, "run_at": group.tx.now_ms + delay(enrollment_id, attempt, first),
                "detail": detail, "n": n,
            },
        )  # fmt: skip
        return
    then = policy.then if policy else None
    if then == "continue":
        run("update batch set outcome = 7, detail = :detail where n = :n", {"detail": detail, "n": n})
    elif then == "goto":
        goto = group.step.goto_id
        run(
            "update batch set outcome = 7, detail = :detail, next_id = :goto where n = :n",
            {"detail": detail, "goto": goto, "n": n},
        )
    elif then == "stop":
        run(
            "update batch set outcome = 7, detail = :detail, state = 5, next_id = null where n = :n",
            {"detail": detail, "n": n},
        )
    else:
        run(
            """update batch set outcome = 7, detail = :detail, state = 2, next_id = step_id, tries = :tries
            where n = :n""",
            {"detail": detail, "tries": attempt + 1, "n": n},
        )
