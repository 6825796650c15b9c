"""Where a person stands in a split: a number from a hash, the same at every entry."""

from __future__ import annotations

from hashlib import blake2b


def standing(seed: str, salt: str, subject: str | int, of: int) -> int:
    """A number from 0 to `of` - 1, evenly spread over subjects; different salts are independent."""
    text = f"{seed}\x1f{salt}\x1f{subject}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") * of >> 64


def takes_branch(seed: str, salt: str, subject: str | int, *, below: int, of: int) -> bool:
    """Whether a split test sends this subject into its branch."""
    return standing(seed, salt, subject, of) < below
