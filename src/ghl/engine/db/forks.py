"""Stores and forks: a store is told before its process is copied, and on both sides afterwards."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol


class Forked(Protocol):
    """What wants to know of forks."""

    def before_fork(self) -> None:
        """In the parent, about to be copied."""

    def after_fork_in_parent(self) -> None:
        """In the parent, which goes on."""

    def after_fork_in_child(self) -> None:
        """In the copy."""


_watched: weakref.WeakSet[Forked] = weakref.WeakSet()
_stopped: list[Forked] = []
_forking = threading.RLock()


def watch(store: Forked) -> None:
    """Tell a store of forks for as long as it lives."""
    _watched.add(store)


def keep_for_ever(thing: object) -> None:
    """Never let go of it, not even when the interpreter ends: its end would speak for the parent."""
    import ctypes  # in forked children only

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _before() -> None:
    _forking.acquire()
    for store in list(_watched):
        store.before_fork()
        _stopped.append(store)


def _in_parent() -> None:
    while _stopped:
        _stopped.pop().after_fork_in_parent()
    _forking.release()


def _in_child() -> None:
    global _forking
    while _stopped:
        _stopped.pop().after_fork_in_child()
    _forking = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
