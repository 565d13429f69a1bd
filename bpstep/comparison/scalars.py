"""The mistakes that are looked for in an expression: its graph, walked wrongly.

The operations, the local derivatives and the order of the contributions are the run's own steps; a mistake is another
local derivative on some edges, another way to gather at some variables, or another way to walk.

    b = 4a, c = b + 3, d = 5b, e = c + d        d(b) = 1 + 5 = 6, d(a) = 24
    resend: 1 is sent on as 4, then the sum 6 as 24        d(a) = 28
    first-only: what arrives second is not sent on         d(a) = 4
    overwrite: the last contribution replaces the sum      d(a) = 4 or 20
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from bpstep.comparison.array_places import Group, edges_of_arrays, groups
from bpstep.comparison.leaves import gradient_mistakes
from bpstep.comparison.mistakes import Hypothesis, Mistake, said_constant
from bpstep.comparison.population import Key
from bpstep.comparison.sheet import DERIVATIVES, DERIVATIVES_BY_SAMPLE
from bpstep.comparison.slopes import local_changes
from bpstep.comparison.walk import Edge, Gather, Local, Walk
from bpstep.engine.rules import CORRECT, RULES
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["ScalarMistake", "scalar_mistakes", "scalar_pairs"]

#: In larger expressions only what is the same everywhere is looked for, not what is so at one place.
_MOST_PLACES = 200
#: In passes of more steps, and over several samples, only the rules that people get wrong are tried.
_MOST_STEPS = 100_000
#: Pairs are not tried where their number, times that of the edges, is larger than this.
_MOST_WORK = 3_000_000


@dataclass(frozen=True, eq=False)
class ScalarMistake:
    """A mistake, and the derivatives that it gives; ``by_sample`` those that each sample of a batch has.  ``local`` and
    ``gather`` are what it changes, where it changes nothing else: then it can be made together with another one."""

    hypothesis: Hypothesis
    numbers: Array
    by_sample: Array | None = None
    local: Local | None = None
    gather: Gather | None = None

    @property
    def by_slot(self) -> dict[Key, Array]:
        """The derivatives by the slots of a sheet."""
        found = {DERIVATIVES: self.numbers}
        return found if self.by_sample is None else found | {DERIVATIVES_BY_SAMPLE: self.by_sample}


def scalar_mistakes(walk: Walk, *, places: int = _MOST_PLACES) -> list[ScalarMistake]:
    """Every mistake that makes sense in an expression; where it has no more than so many ``places``, each is looked for
    at every single one of them, too."""
    with np.errstate(all="ignore"):
        if walk.samples > 1:
            return [*_of_the_rules(walk), *_of_the_batch(walk), *_of_the_gradients(walk, walk.parameters)]
        if walk.sheet.length > _MOST_STEPS:
            return list(_of_the_rules(walk))
        # Of the rules, these two are among the others, which look for them at single places, too.
        rules = _of_the_rules(walk, but=("overwrite", "no-derivative"))
        ways = [*_of_the_sum(walk, places), *_of_the_walk(walk), *_of_the_locals(walk, places)]
        return [*rules, *ways, *_of_the_gradients(walk, walk.leaves if places else walk.parameters)]


def scalar_pairs(
    walk: Walk, every: Sequence[ScalarMistake]
) -> Iterator[tuple[ScalarMistake, ScalarMistake, Array]]:
    """Two mistakes at once, with the derivatives that they give; none where there are too many to try."""
    simple = [one for one in every if one.local is not None or one.gather is not None]
    if not simple:
        return
    right = walk.back()
    simple = [one for one in simple if not np.array_equal(one.numbers, right)]
    at_arrays = {group.where for group in groups(walk, walk.shared)} | {
        where for where, _ in edges_of_arrays(walk)
    }
    fewer = [one for one in simple if one.hypothesis.where not in at_arrays]
    fewest = [one for one in fewer if not one.hypothesis.where]
    tried = next(
        (some for some in (simple, fewer, fewest) if len(some) ** 2 * len(walk.edges) <= _MOST_WORK), []
    )
    with np.errstate(all="ignore"):
        for a, b in combinations(tried, 2):
            if a.gather is None or b.gather is None:
                yield a, b, _both(walk, a, b)


def _both(walk: Walk, a: ScalarMistake, b: ScalarMistake) -> Array:
    first, then = a.local or _right_local, b.local or _right_local
    gather = a.gather or b.gather or _right_sum
    return walk.back(lambda edge: then(replace(edge, local=first(edge))), gather)


def _right_local(edge: Edge) -> float:
    return edge.local


def _right_sum(name: str, products: list[float]) -> float:
    return sum(products)


def _row(
    name: str,
    says: str,
    numbers: Array,
    where: str = "",
    local: Local | None = None,
    gather: Gather | None = None,
) -> ScalarMistake:
    hypothesis = Hypothesis(Mistake(name, says, ()), "", None, (), not where, where, ())
    return ScalarMistake(hypothesis, numbers, None, local, gather)


def _of_the_sum(walk: Walk, places: int) -> Iterator[ScalarMistake]:
    shared = walk.shared
    ways: tuple[tuple[str, str, Callable[[list[float]], float]], ...] = (
        ("overwrite", "the last contribution replaces the sum (= for +=)", lambda p: p[-1]),
        (
            "overwrite-in-other-order",
            "one contribution alone, as where the last replaces the sum and they arrive in the formula's order",
            lambda p: p[0],
        ),
        ("averaged", "the contributions are averaged instead of added", lambda p: sum(p) / len(p)),
        ("subtracted", "the later contributions are subtracted", lambda p: 2.0 * p[0] - sum(p)),
    )
    for name, says, way in ways:
        if shared:
            yield _gathered(walk, name, says, way)
        for group in groups(walk, shared) if places else ():
            yield _gathered(walk, name, says, way, group)
        for one in shared if 1 < len(shared) <= places else ():
            yield _gathered(walk, name, says, way, Group(f"at {one} only", frozenset([one])))


def _gathered(
    walk: Walk, name: str, says: str, way: Callable[[list[float]], float], only: Group | None = None
) -> ScalarMistake:
    """Another way to gather, everywhere or at some variables only."""

    def gather(variable: str, products: list[float]) -> float:
        return way(products) if only is None or variable in only.cells else sum(products)

    return _row(name, says, walk.back(gather=gather), only.where if only else "", gather=gather)


def _of_the_walk(walk: Walk) -> Iterator[ScalarMistake]:
    yield _row("seed-forgotten", "the derivative of the output by itself is 0, not 1", walk.back(seed=0.0))
    value = walk.values.get(walk.root, 1.0)
    yield _row(
        "seed-is-output", "the derivative of the output by itself is the output, not 1", walk.back(seed=value)
    )
    yield _row("no-upstream", "the local derivatives are not multiplied by what comes from behind",
               walk.back(upstream=False))  # fmt: skip
    resent = "each arrival is added, and the whole sum so far is sent on again"
    for name, says, numbers in (
        ("resend", resent, walk.resend()),
        ("resend-from-the-last", f"{resent}; the last operand comes first", walk.resend(last_first=True)),
        ("resend-in-rounds", f"{resent}, once for each arrival", walk.resend_in_rounds()),
    ):
        if numbers is not None:
            yield _row(name, says, numbers)
    only = "a variable's backward runs once: what arrives later is not sent on"
    yield _row("first-only", only, walk.once())
    yield _row(
        "first-only-from-the-last", f"{only}; the last operand comes first", walk.once(last_first=True)
    )


def _of_the_gradients(walk: Walk, arrays: Iterable[str]) -> Iterator[ScalarMistake]:
    """What is wrong in the gradient by an array that is given, which nothing else is made of; what each sample has is
    right."""
    if not walk.has_arrays:
        return
    slot = walk.sheet.slots.get(DERIVATIVES_BY_SAMPLE)
    batch = [one.numbers for one in _of_the_batch(walk)] if walk.samples > 1 else []
    for name, words, says, numbers, where in gradient_mistakes(walk, arrays):
        if not any(np.array_equal(numbers, other) for other in batch):
            row = _row(name, says, numbers, where)
            hypothesis = replace(row.hypothesis, words=words)
            yield replace(row, hypothesis=hypothesis, by_sample=None if slot is None else slot.right)


def _of_the_locals(walk: Walk, places: int) -> Iterator[ScalarMistake]:
    for name, says, change in local_changes(walk):
        yield from _everywhere_and_at(walk, name, says, change, places)


def _of_the_rules(walk: Walk, but: Sequence[str] = ()) -> Iterator[ScalarMistake]:
    """What people get wrong in loops, normalisations, products of matrices: the rules that apply here.

    They come first: of mistakes that give the same numbers the one with a name in the books is told before one that is
    made in a single place."""
    if not walk.has_arrays and walk.samples == 1:
        return
    setup = walk.sheet.run.setup_of(walk.sheet.batch)
    for name, rule in RULES.items():
        if rule is not CORRECT and name not in but and not rule.refuses(setup.problem, setup.training):
            yield _in_batch(name, rule.says, walk.under(rule))


def _in_batch(name: str, says: str, numbers: Mapping[Key, Array], words: str = "") -> ScalarMistake:
    """A mistake that is seen in what each sample of a batch has, too."""
    row = _row(name, says, numbers[DERIVATIVES])
    hypothesis = replace(row.hypothesis, words=words)
    return replace(row, hypothesis=hypothesis, by_sample=numbers.get(DERIVATIVES_BY_SAMPLE))


def _of_the_batch(walk: Walk) -> Iterator[ScalarMistake]:
    """The sum over the samples for the mean, or the mean twice: from the loss on, or in the parameters' gradients."""
    right = {key: walk.sheet.slots[key].right for key in (DERIVATIVES, DERIVATIVES_BY_SAMPLE)}
    for factor, meaning in ((float(walk.samples), "m, the samples"), (1.0 / walk.samples, "1 / m")):
        words = said_constant(factor, (meaning,))
        everywhere = {key: factor * array for key, array in right.items()}
        says = "the derivative of the loss is multiplied by {v}"
        yield _in_batch("cost-factor", says, everywhere, words)
        alone = {**everywhere, DERIVATIVES_BY_SAMPLE: right[DERIVATIVES_BY_SAMPLE]}
        says = "the gradients of the parameters are multiplied by {v}"
        yield _in_batch("gradient-factor", says, alone, words)


def _everywhere_and_at(
    walk: Walk, name: str, says: str, change: Local, places: int
) -> Iterator[ScalarMistake]:
    """A change of local derivatives: in all operations, in all of one function, on one edge."""
    if name != "zero":
        yield _changed(walk, name, says, change, lambda edge: True, "")
    for function in dict.fromkeys(edge.function for edge in walk.edges):
        yield _changed(walk, name, says, change, partial(_is_of, function), f"in {function} only")
    for where, numbers in edges_of_arrays(walk) if places else ():
        yield _changed(walk, name, says, change, partial(_is_among, numbers), where)
    for one in walk.edges if len(walk.edges) <= places else ():
        where = f"from {one.head} to {one.tail} only"
        yield _changed(walk, name, says, change, partial(_is_number, one.number), where)


def _is_of(function: str, edge: Edge) -> bool:
    return edge.function == function


def _is_number(number: int, edge: Edge) -> bool:
    return edge.number == number


def _is_among(numbers: frozenset[int], edge: Edge) -> bool:
    return edge.number in numbers


def _changed(
    walk: Walk, name: str, says: str, change: Local, concerns: Callable[[Edge], bool], where: str
) -> ScalarMistake:
    def local(edge: Edge) -> float:
        return change(edge) if concerns(edge) else edge.local

    return _row(name, says, walk.back(local), where, local=local)
