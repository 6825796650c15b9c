"""Public ids: UUIDv7 (RFC 9562), made here, sorted by the time they carry."""

from __future__ import annotations

import hashlib
import os
import threading


class IdMaker:
    """Makes ids that rise even within a millisecond. With a seed they repeat, for tests and samples."""

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._count = 0
        self._last = (0, 0)
        self._lock = threading.Lock()

    def make(self, milliseconds: int) -> str:
        """An id for this moment, in milliseconds since 1970."""
        with self._lock:
            noise = self._noise()
            last_time, last_counter = self._last
            if milliseconds == last_time:
                counter = last_counter + 1 + (noise & 0xFF)
            else:
                counter = (noise >> 60) & 0x1FF_FFFF_FFFF
            self._last = (milliseconds, counter)
        # 42 bits count up within a millisecond, the 32 below them are random.
        high, low = (counter >> 30) & 0xFFF, ((counter & 0x3FFF_FFFF) << 32) | (noise & 0xFFFF_FFFF)
        text = f"{milliseconds:012x}{0x7000 | high:04x}{0x8000_0000_0000_0000 | low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def make_many(self, milliseconds: int, count: int) -> list[str]:
        """So many ids for one moment, each the next of the one before."""
        if self._seed is not None or count < 2:
            return [self.make(milliseconds) for _ in range(count)]
        first = self.make(milliseconds)
        noise = os.urandom(5 * count)
        head = f"{milliseconds:012x}"
        head = f"{head[:8]}-{head[8:]}-"
        ids = [first]
        with self._lock:
            last_time, counter = self._last
            if last_time != milliseconds:
                return [first, *(self.make(milliseconds) for _ in range(count - 1))]
            for at in range(5, 5 * count, 5):
                counter += 1 + noise[at]
                low = f"{0x8000_0000 | (counter & 0x3FFF_FFFF):08x}"
                ids.append(f"{head}{0x7000 | (counter >> 30):04x}-{low[:4]}-{low[4:]}{noise[at + 1 : at + 5].hex()}")
            self._last = (milliseconds, counter)
        return ids

    def _noise(self) -> int:
        if self._seed is None:
            return int.from_bytes(os.urandom(16), "big")
        self._count += 1
        return int.from_bytes(hashlib.sha256(f"{self._seed}:{self._count}".encode()).digest()[:16], "big")


def draw(salt: str, subject: str) -> float:
    """A number in [0, 1) that is the same for the same salt and subject: splits, samples, jitter."""
    digest = hashlib.sha256(f"{salt}\x00{subject}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)
