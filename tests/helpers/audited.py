"""What is done to files while something runs, as Python tells it to a hook (PEP 578)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_Event = tuple[str, tuple[object, ...]]

#: Who listens now; a hook can not be taken away, so there is one, and mostly it has nothing to do.
_listeners: list[Callable[[_Event], object]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    for listen in _listeners:
        listen((event, arguments))


sys.addaudithook(_hook)


@contextmanager
def heard(listen: Callable[[_Event], object]) -> Iterator[None]:
    """While this lasts somebody listens to what is about to be done."""
    _listeners.append(listen)
    try:
        yield
    finally:
        _listeners.remove(listen)


@contextmanager
def touched(refused: Callable[[str, tuple[object, ...]], str]) -> Iterator[list[str]]:
    """What is done in here that a wall would refuse (`bpstep.web.wall.refuses`): each as a line."""
    found: list[str] = []

    def listen(event: _Event) -> None:
        if why := refused(*event):
            found.append(f"{event[0]} {event[1][:1]}: {why}")

    with heard(listen):
        yield found
