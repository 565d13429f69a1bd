"""How often the planted mistake is named: ``python -m tests.comparison.figures [SINGLES] [PAIRS]``.

A mistake is *visible* if a number that is given disagrees; it is *named* if it is among the mistakes that the report
believes, all of which give the learner's numbers.  A false name is one on numbers that have no mistake in them, or
none that anybody knows.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bpstep.comparison.precision import Tolerance
from bpstep.comparison.report import judged
from bpstep.comparison.search import wanted_of
from tests.comparison.planting import enter, plantable, random_world, slip_of

ALL = ("a", "z", "da", "dz", "dW", "db")


@dataclass
class Tally:
    planted: int = 0
    visible: int = 0
    unique: int = 0
    among: int = 0
    missed: Counter = field(default_factory=Counter)

    @property
    def named(self) -> float:
        return (self.unique + self.among) / max(1, self.visible)


def rough(array, digits, rng, noise):
    """Numbers with so many digits, or with noise."""
    if noise:
        return array * (1 + noise * rng.uniform(-1, 1, size=array.shape))
    return np.vectorize(lambda x: float(f"{x:.{digits}g}"), otypes=[float])(array) if digits else array


def plant(rng, how_many, relative=None, digits=0, noise=0.0, pairs=False) -> Tally:
    tally = Tally()
    while tally.visible < how_many:
        world = random_world(rng)
        sheet = world.sheet()
        every = plantable(sheet)
        if pairs:
            every = [one for one in every if one.mistake.whole is None]
        chosen = [every[k] for k in rng.choice(len(every), 1 + pairs, replace=False)]
        numbers = world.numbers(tuple(slip_of(one) for one in chosen))
        numbers = {name: rough(array, digits, rng, noise) for name, array in numbers.items()}
        tally.planted += 1
        if not enter(sheet, numbers):
            continue
        near = Tolerance(relative or 1e-6)
        if not any(slot.wrong.any() for slot in wanted_of(sheet, near).values()):
            continue
        report = judged(sheet, relative=relative)
        if report.ok:
            continue
        tally.visible += 1
        titles = [{one.title for one in match.hypotheses} for match in report.finding.matches]
        wanted = {one.title for one in chosen}
        if report.finding.verdict in ("mistake", "pair") and (
            wanted in titles or (pairs and any(title <= wanted for title in titles))
        ):
            if len(titles) == 1:
                tally.unique += 1
            else:
                tally.among += 1
        elif report.finding.verdict in ("mistake", "pair"):
            tally.missed[f"OTHER names, the same numbers: {wanted}: {titles[:2]}"] += 1
        else:
            tally.missed[f"{' + '.join(sorted(wanted))}: {report.finding.verdict}"] += 1
    return tally


def false_names(rng, how_many) -> Counter:
    """How often something is named where there is nothing to name."""
    found = Counter()
    for count in range(how_many):
        world = random_world(rng)
        sheet, kind = world.sheet(), list(NOTHING_TO_NAME)[count % len(NOTHING_TO_NAME)]
        make = NOTHING_TO_NAME[kind]
        if not enter(sheet, {name: make(array, rng) for name, array in world.numbers().items()}):
            continue
        report = judged(sheet, relative=1e-2 if "--rel" in kind else None)
        found[f"{kind}: {report.finding.verdict}"] += 1
        if report.finding.matches:
            found["FALSE"] += 1
            print("false name:", kind, report.mistake, report.finding.matches[0].explained, report.wrong)
    return found


def off(array, rng):
    """Numbers that are wrong at random."""
    return array * np.exp(rng.normal(size=array.shape))


NOTHING_TO_NAME = {
    "right": lambda array, rng: array,
    "3 digits": lambda array, rng: rough(array, 3, rng, 0),
    "4 digits": lambda array, rng: rough(array, 4, rng, 0),
    "6 digits": lambda array, rng: rough(array, 6, rng, 0),
    "4 decimals": lambda array, rng: np.round(array, 4),
    "float32": lambda array, rng: array.astype(np.float32).astype(float),
    "random": off,
    "random, --rel 1e-2": off,
    "random, 3 digits": lambda array, rng: rough(off(array, rng), 3, rng, 0),
    "shuffled": lambda array, rng: rng.permutation(array.ravel()).reshape(array.shape) + 1e-3,
    "1e-2 noise": lambda array, rng: rough(array, 0, rng, 1e-2),
}


def first_cells(rng, how_many) -> tuple[int, int]:
    """With every number given: how often the first wrong number is the first that the oracle computed wrongly."""
    right = seen = 0
    while seen < how_many:
        world = random_world(rng)
        sheet = world.sheet()
        one = plantable(sheet)[rng.integers(len(plantable(sheet)))]
        numbers, good = world.numbers((slip_of(one),)), world.numbers()
        if one.mistake.whole is not None or not enter(sheet, numbers, ALL):
            continue
        order = [n for n in good if not np.allclose(numbers[n], good[n], rtol=1e-6, atol=1e-12)]
        if not order:
            continue
        seen += 1
        report = judged(sheet)
        first = order[0]
        cell = report.first[0].name.split(" of sample")[0]
        kind, layer = first.rstrip("0123456789"), first.lstrip("abdWz")
        letter = {"a": "y[", "z": "e[", "da": "d(y[", "dz": "delta[", "dW": "d(w[", "db": "d(b["}[kind]
        fits = cell.startswith(letter) and f"n{layer}_" in cell
        # f' has no array of its own in the oracle: where it is wrong, dz is the first
        right += fits or not report.first
        if not fits:
            print("first cell:", one.title, "expected", first, "got", cell)
    return right, seen


def line(name, tally, seconds) -> None:
    print(
        f"{name:<34} {tally.visible:>5} visible of {tally.planted:>5}   named {100 * tally.named:6.2f} %"
        f"   alone {100 * tally.unique / tally.visible:6.2f} %   {1e3 * seconds / tally.visible:6.1f} ms each"
    )
    for what, count in tally.missed.most_common(12):
        print(f"      {count:>4}  {what}")


def main(singles: int, pairs: int) -> None:
    for name, settings in (
        ("one, doubles", {}),
        ("one, doubles, --rel 1e-3", {"relative": 1e-3}),
        ("one, doubles, --rel 1e-2", {"relative": 1e-2}),
        ("one, 4 digits, --rel 1e-3", {"relative": 1e-3, "digits": 4}),
        ("one, 3 digits, --rel 1e-2", {"relative": 1e-2, "digits": 3}),
    ):
        start = time.perf_counter()
        line(name, plant(np.random.default_rng(1), singles, **settings), time.perf_counter() - start)
    for name, settings in (
        ("two, doubles", {}),
        ("two, doubles, --rel 1e-3", {"relative": 1e-3}),
        ("two, doubles, --rel 1e-2", {"relative": 1e-2}),
    ):
        start = time.perf_counter()
        line(
            name, plant(np.random.default_rng(2), pairs, pairs=True, **settings), time.perf_counter() - start
        )
    print(dict(false_names(np.random.default_rng(3), singles)))
    right, seen = first_cells(np.random.default_rng(4), singles // 4)
    print(f"the right first cell: {right} of {seen}")


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:]] or (2000, 500))
