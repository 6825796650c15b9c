"""Demo data from a seed: people, companies, deals and two workflows worth looking at."""

from __future__ import annotations

from ghl.sample.generator import Sample, generate

__all__ = ["Sample", "generate"]
