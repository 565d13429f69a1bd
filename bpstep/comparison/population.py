"""Many wrong programs at once: what each of them computes of one batch.

A *program* is a pass of a network in which some stages are twisted: f′ left out in layer 2, the sum over the
samples halved.  A pass has few stages, always in this order:

    targets ─▶ net, activate (each layer) ─▶ cost, loss ─▶ seed ─▶ back, slope, delta, dw, decay, db (each layer)

A weight gradient is a product, ``dw left``ᵀ @ ``dw right``: the deltas and the sources, each of which can be wrong.

Programs that agree up to some stage have the same numbers there, so these are computed once.  A quantity of all
programs is a `Column`: the distinct arrays, and for every program which of them is its own.  Of 40 000 pairs of
mistakes in a net of three layers, hardly a hundred differ in the gradient of the output layer; whoever watches
may also drop programs on the way (`Watch`), as soon as one of their numbers is not the learner's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bpstep.comparison.net import THE_INPUTS, Net, curve, is_coupled, slope
from bpstep.engine.costs import COSTS
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Column", "Key", "Population", "Program", "Rows", "Stage", "Twist", "Watch"]

#: A quantity of a layer, such as ("d(w)", 0); of the whole batch, such as ("loss", 0).
Key = tuple[str, int]
Rows = NDArray[np.intp]

#: Numbers up to this are told apart by an int64.
_MOST_CODES = 2**62


@dataclass(frozen=True, eq=False)
class Column:
    """One quantity in many programs: ``values`` (distinct, ...), and ``of[program]``, the place of its own there."""

    values: Array
    of: Rows

    def program(self, row: int) -> Array:
        """The quantity in one program."""
        found: Array = self.values[self.of[row]]
        return found


class Stage:
    """What a twist may look at: the net, the layer that it is about, and arrays (programs, ...) computed before."""

    def __init__(self, net: Net, index: int, columns: dict[Key, Column], rows: Rows) -> None:
        self.net, self.index = net, index
        self._columns, self._rows = columns, rows

    def at(self, kind: str, layer: int | None = None) -> Array:
        """An array of a layer; of this one, if none is named."""
        column = self._columns[kind, self.index if layer is None else layer]
        found: Array = column.values[column.of[self._rows]]
        return found

    @property
    def source(self) -> Array:
        """The outputs that this layer reads, side by side: (programs, samples, sources)."""
        found = [self.at("y", source) for source in self.net.layers[self.index].sources]
        return found[0] if len(found) == 1 else np.concatenate(found, axis=-1)


#: The columns that a twist looks at besides those that its stage looks at anyhow.
Needs = Callable[[Net, int], Sequence[Key]]


def _nothing(net: Net, layer: int) -> Sequence[Key]:
    return ()


@dataclass(frozen=True)
class Twist:
    """A change to one stage of one layer: from what comes out there to what comes out instead.

    Of several changes to one stage that of the least ``rank`` comes first: what computes the quantity otherwise before
    what changes it afterwards, such as a factor.
    """

    stage: str
    layer: int
    change: Callable[[Array, Stage], Array]
    needs: Needs = _nothing
    rank: int = 0


Program = tuple[Twist, ...]

#: Hears of every quantity; answers which of the programs that are left may go on, or None for all.
Watch = Callable[[Key, Column, Rows], NDArray[np.bool_] | None]


class Population:
    """Programs, run side by side, with all that they compute in ``columns``.

    A program is made of some of the ``parts``: row k of ``chosen`` are their numbers, (programs, parts each); left out,
    every part is a program of its own.  ``watch`` hears of every quantity as it comes; ``alive`` are the programs that
    it has left.
    """

    def __init__(
        self, net: Net, parts: Sequence[Program], watch: Watch | None = None, chosen: Rows | None = None
    ) -> None:
        self.net = net
        self.columns: dict[Key, Column] = {}
        chosen = np.arange(len(parts), dtype=np.intp)[:, np.newaxis] if chosen is None else chosen
        self.size = len(chosen)
        self.alive: Rows = np.arange(self.size, dtype=np.intp)
        self._watch = watch
        self._places = {place: _Place.of(own, len(parts), chosen) for place, own in _placed(parts).items()}
        with np.errstate(all="ignore"):
            self._forward()
            self._backward()

    # --- the stages -----------------------------------------------------------------------------------

    def _forward(self) -> None:
        net = self.net
        self._given(("y", THE_INPUTS), net.x)
        self._stage("targets", 0, ("t", 0), [], lambda at: net.t[np.newaxis])
        for k, layer in enumerate(net.layers):
            sources = [("y", source) for source in layer.sources]
            self._given(("w", k), layer.weights)
            if layer.bias is not None:
                self._given(("b", k), layer.bias)
            self._stage("net", k, ("e", k), sources, _weighted_sum)
            self._stage("activate", k, ("y", k), [("e", k)], _activated)
        self._stage("cost value", net.last, ("cost", 0), [("y", net.last), ("t", 0)], _cost)
        self._stage("loss", 0, ("loss", 0), [("cost", 0)], _loss)

    def _backward(self) -> None:
        net = self.net
        self._stage("seed", 0, ("d(cost)", 0), [], lambda at: np.full((1, net.samples), net.share))
        for k in reversed(range(len(net.layers))):
            if not len(self.alive):
                return
            self._back(k)
            needs = [("y", k), ("e", k)]
            if is_coupled(net.layers[k].activation):
                self._stage("delta", k, ("d(e)", k), [("d(y)", k), ("y", k)], _coupled_delta)
            else:
                self._stage("slope", k, ("local", k), needs, _slope)
                self._stage("delta", k, ("d(e)", k), [("d(y)", k), ("local", k)], _delta)
            sources = [("y", source) for source in net.layers[k].sources]
            self._stage("dw left", k, ("dw left", k), [("d(e)", k)], lambda at: at.at("d(e)"))
            self._stage("dw right", k, ("dw right", k), sources, lambda at: at.source)
            self._stage("dw", k, ("dw", k), [("dw left", k), ("dw right", k)], _weight_gradient)
            self._stage("decay", k, ("d(w)", k), [("dw", k)], _decayed)
            if net.layers[k].bias is not None:
                self._stage("db left", k, ("db left", k), [("d(e)", k)], lambda at: at.at("d(e)"))
                self._stage("db", k, ("d(b)", k), [("db left", k)], _bias_gradient)
        self._back(THE_INPUTS)

    def _back(self, k: int) -> None:
        net = self.net
        if k == net.last:
            needs = [("d(cost)", 0), ("y", k), ("t", 0)]
            self._stage("cost slope", k, ("d(y)", k), needs, _cost_slope)
            return
        after = [("d(e)", consumer) for consumer in net.consumers(k)]
        self._stage("back", k, ("d(y)", k), after, _passed_back)

    def _given(self, key: Key, values: Array) -> None:
        self._emit(key, Column(values[np.newaxis], np.zeros(self.size, dtype=np.intp)))

    def _stage(
        self, stage: str, layer: int, key: Key, needs: Sequence[Key], right: Callable[[Stage], Array]
    ) -> None:
        """Compute one quantity for all programs: once for each set of operands, once for each way to twist it."""
        place = self._places.get((stage, layer))
        parts: list[Array] = []
        of = np.zeros(self.size, dtype=np.intp)
        for code, rows in _by_code(place, self.alive):
            twists = place.twists(code) if place is not None else ()
            wanted = dict.fromkeys([*needs, *(need for t in twists for need in t.needs(self.net, layer))])
            first, place_of = self._distinct(list(wanted), rows)
            at = Stage(self.net, layer, self.columns, rows[first])
            found = right(at)
            for twist in twists:
                found = twist.change(found, at)
            if len(found) != len(first):
                found = np.broadcast_to(found, (len(first), *found.shape[1:]))
            of[rows] = place_of + sum(len(part) for part in parts)
            parts.append(found)
        values = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty((0,))
        self._emit(key, Column(values, of))

    def _emit(self, key: Key, column: Column) -> None:
        self.columns[key] = column
        if self._watch is not None and len(self.alive):
            stay = self._watch(key, column, self.alive)
            if stay is not None:
                self.alive = self.alive[stay]

    def _distinct(self, keys: Sequence[Key], rows: Rows) -> tuple[Rows, Rows]:
        """Which of some programs differ in some quantities: one of each kind, and for every program its kind."""
        code, most = np.zeros(len(rows), dtype=np.int64), 1
        for key in keys:
            column = self.columns[key]
            if len(column.values) > 1:
                if most * len(column.values) >= _MOST_CODES:
                    code = np.unique(code, return_inverse=True)[1].astype(np.int64)
                    most = len(rows)
                code, most = code * len(column.values) + column.of[rows], most * len(column.values)
        if most == 1:
            return np.zeros(1, dtype=np.intp), np.zeros(len(rows), dtype=np.intp)
        _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
        return first.astype(np.intp), inverse.astype(np.intp)


@dataclass(frozen=True, eq=False)
class _Place:
    """A stage that is twisted somewhere: the ways in which parts twist it (0: not at all), and how every program does,
    as one number for the ways of all its parts."""

    ways: list[tuple[Twist, ...]]
    code: Rows
    parts_each: int

    @classmethod
    def of(cls, own: dict[int, tuple[Twist, ...]], parts: int, chosen: Rows) -> _Place:
        ways: list[tuple[Twist, ...]] = [()]
        known: dict[tuple[int, ...], int] = {}
        way = np.zeros(parts, dtype=np.intp)
        for part, twists in own.items():
            one = tuple(id(twist) for twist in twists)
            if one not in known:
                known[one] = len(ways)
                ways.append(twists)
            way[part] = known[one]
        code = np.zeros(len(chosen), dtype=np.intp)
        for column in way[chosen].T:
            code = code * len(ways) + column
        return cls(ways, code, chosen.shape[1])

    def twists(self, code: int) -> list[Twist]:
        """What a code stands for, in the order in which it is done."""
        found: list[Twist] = []
        for _ in range(self.parts_each):
            code, way = divmod(code, len(self.ways))
            found = [*self.ways[way], *found]
        return sorted(found, key=lambda twist: twist.rank)


def _placed(parts: Sequence[Program]) -> dict[Key, dict[int, tuple[Twist, ...]]]:
    """For every place (stage, layer) the parts that twist it."""
    placed: dict[Key, dict[int, tuple[Twist, ...]]] = {}
    for part, program in enumerate(parts):
        for twist in program:
            there = placed.setdefault((twist.stage, twist.layer), {})
            there[part] = (*there.get(part, ()), twist)
    return placed


def _by_code(place: _Place | None, rows: Rows) -> Iterable[tuple[int, Rows]]:
    if place is None:
        return [(0, rows)] if len(rows) else []
    own = place.code[rows]
    return [(int(code), rows[own == code]) for code in np.unique(own)]


# --- what is right ------------------------------------------------------------------------------------


def _weighted_sum(at: Stage) -> Array:
    layer = at.net.layers[at.index]
    found: Array = at.source @ layer.weights.T
    return found if layer.bias is None else found + layer.bias


def _activated(at: Stage) -> Array:
    return curve(at.net.layers[at.index].activation, at.at("e"))


def _cost(at: Stage) -> Array:
    terms = COSTS[at.net.cost].term(at.at("y"), at.at("t", 0), at.net.outputs)
    found: Array = terms.sum(axis=-1)
    return found


def _loss(at: Stage) -> Array:
    net = at.net
    found: Array = at.at("cost", 0).sum(axis=-1, keepdims=True) * net.share
    if net.l2 > 0.0:
        found = found + net.l2 / 2.0 * sum(float((layer.weights**2).sum()) for layer in net.layers)
    return found


def _cost_slope(at: Stage) -> Array:
    slopes = COSTS[at.net.cost].slope(at.at("y"), at.at("t", 0), at.net.outputs)
    return at.at("d(cost)", 0)[..., np.newaxis] * slopes


def _passed_back(at: Stage) -> Array:
    net = at.net
    found: Array | None = None
    for k in net.consumers(at.index):
        part: Array = at.at("d(e)", k) @ net.layers[k].weights[:, net.columns(k, at.index)]
        found = part if found is None else found + part
    assert found is not None, "every layer but the last is read by a later one"
    return found


def _slope(at: Stage) -> Array:
    return slope(at.net.layers[at.index].activation, at.at("y"), at.at("e"))


def _delta(at: Stage) -> Array:
    found: Array = at.at("d(y)") * at.at("local")
    return found


def _coupled_delta(at: Stage) -> Array:
    dy, y = at.at("d(y)"), at.at("y")
    found: Array = y * (dy - (dy * y).sum(axis=-1, keepdims=True))
    return found


def _weight_gradient(at: Stage) -> Array:
    found: Array = np.swapaxes(at.at("dw left"), -1, -2) @ at.at("dw right")
    return found


def _decayed(at: Stage) -> Array:
    found: Array = at.at("dw") + at.net.l2 * at.net.layers[at.index].weights
    return found


def _bias_gradient(at: Stage) -> Array:
    found: Array = at.at("db left").sum(axis=-2)
    return found
