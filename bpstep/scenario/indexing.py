"""Indices in brackets, as they are typed: ``[3,1]`` of a cell, ``[2, 1..3]`` and ``[.., 2]`` of a part of an array.

Indices count from 1, and both ends of a span are in.  What stands in brackets is plain whole numbers: the arithmetic
of a loop (``{i+1}``) has been written out before anything is read.
"""

from __future__ import annotations

from bpstep.scenario.nodes import Index, Span
from bpstep.scenario.tokens import ArithmeticSyntaxError, Tokens

__all__ = ["read_indices"]


def read_indices(at: Tokens) -> tuple[Index, ...]:
    """The indices behind an opening bracket, to the closing one.  Raises `ArithmeticSyntaxError`."""
    found = [_index(at)]
    while at.take(","):
        found.append(_index(at))
    at.expect("]", "to close the indices")
    return tuple(found)


def _index(at: Tokens) -> Index:
    """``2``, ``1..3``, ``2..``, ``..3`` or ``..``."""
    first = None if at.token.text == ".." else _whole(at)
    if at.take("..") is None:
        assert first is not None
        return first
    last = _whole(at) if at.token.kind == "number" else None
    return Span(first, last)


def _whole(at: Tokens) -> int:
    """A whole number from 1 on."""
    token = at.token
    if token.kind != "number" or not token.text.isdecimal():
        raise at.error("expected an index: a whole number from 1 on, or several as in 1..3")
    number = int(token.text) if len(token.text) < 16 else 10**15
    if number == 0:
        raise ArithmeticSyntaxError("indices count from 1, found 0", token.column)
    at.next()
    return number
