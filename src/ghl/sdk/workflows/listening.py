"""Which events a definition listens to: those of its triggers, and those that its waits are woken by."""

from __future__ import annotations

from ghl.sdk.workflows.definition import Definition
from ghl.sdk.workflows.triggers import TRIGGERS

ANYTHING = tuple(name for name, kind in TRIGGERS.items() if name not in ("schedule", "manual") and kind.noun)
"""After any of these a condition about a person may have become true."""


def listened(definition: Definition) -> set[str]:
    """The event names that must reach the engine while this definition is active or has people inside."""
    names = {trigger.on for trigger in definition.triggers} - {"schedule", "manual"}
    for step in definition.steps:
        if step.kind == "wait_for":
            names |= {step.arguments["event"]} if "event" in step.arguments else set(ANYTHING)
    return names
