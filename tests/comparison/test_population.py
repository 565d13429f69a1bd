"""Without a mistake, a population computes what the engine computes; with one, nothing else than without sharing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.net import net_of
from bpstep.comparison.population import Key, Population
from bpstep.comparison.search import numbers_of
from bpstep.comparison.sheet import sheet_of
from bpstep.engine.run import Run
from bpstep.scenario.loader import load
from tests.comparison.planting import KEYS, plantable, random_world, slip_of
from tests.helpers.shipped import SMALL


def last_values(run: Run, batch: int) -> dict[tuple[str, int], float]:
    """Every number of a batch, as its steps leave it: cell and sample (0 where it is one of the batch)."""
    found = {}
    timeline = run.timeline
    for step in run.steps(timeline.start_of_batch(batch) + 1, timeline.start_of_batch(batch + 1)):
        if step.op in ("state", "update"):
            break
        found[str(step.cell), step.when.sample] = step.value
        found[str(step.cell), 0] = step.value
    return found


@pytest.mark.parametrize("name", SMALL)
def test_the_right_numbers_are_those_of_the_engine(name: str) -> None:
    scenario = load(name)
    check(Run(scenario.problem, scenario.training), 0)


def test_of_random_nets_too() -> None:
    rng = np.random.default_rng(11)
    for _ in range(20):
        world = random_world(rng)
        check(world.run, world.batch)


def check(run: Run, batch: int) -> None:
    sheet, known = sheet_of(run, batch), last_values(run, batch)
    rows = run.rows(batch) if sheet.is_network else (0,)
    seen = 0
    for slot in sheet.slots.values():
        for index in np.ndindex(slot.right.shape):
            sample = rows[index[0]] + 1 if slot.by_sample and sheet.is_network else 0
            value = known.get((str(slot.cell(index)), sample))
            if value is not None:
                seen += 1
                scale = float(np.abs(slot.right).max())
                assert slot.right[index] == pytest.approx(value, rel=1e-9, abs=1e-12 * scale + 1e-300)
    assert seen > 3


def test_programs_that_share_their_beginning_are_as_if_alone() -> None:
    net = net_of(random_world(np.random.default_rng(5)).run, 0)
    every = [one for one in hypotheses(net) if one.mistake.whole is None]
    rng = np.random.default_rng(0)
    chosen = np.array([rng.choice(len(every), 2, replace=False) for _ in range(40)])
    together = Population(net, [one.program for one in every], chosen=chosen)
    for row, (a, b) in enumerate(chosen):
        alone = Population(net, [every[a].program + every[b].program])
        for key, column in alone.columns.items():
            np.testing.assert_array_equal(together.columns[key].program(row), column.values[0])


def test_a_mistake_does_what_it_does_in_the_oracle() -> None:
    """Every number of a pass, with every mistake there is in some random nets; no search is in between."""
    rng = np.random.default_rng(21)
    for _ in range(8):
        world = random_world(rng)
        sheet = world.sheet()
        assert sheet.net is not None
        every = plantable(sheet)
        together = Population(sheet.net, [one.program for one in every]).columns
        for row in rng.choice(len(every), len(every) // 2, replace=False):
            one = every[row]
            found = {key: column.program(row) for key, column in together.items()}
            found = found if one.mistake.whole is None else numbers_of(sheet.net, [one])
            assert same(world.numbers((slip_of(one),)), found), one.title


def test_two_mistakes_do_what_they_do_in_the_oracle_whichever_is_named_first() -> None:
    rng = np.random.default_rng(22)
    right = count = 0
    for _ in range(25):
        world = random_world(rng)
        sheet = world.sheet()
        assert sheet.net is not None
        every = [one for one in plantable(sheet) if one.mistake.whole is None]
        for a, b in rng.choice(len(every), (8, 2)):
            pair = [every[a], every[b]]
            if every[a].mistake.name == every[b].mistake.name:
                continue
            count += 1
            expected = world.numbers(tuple(slip_of(one) for one in pair))
            right += same(expected, numbers_of(sheet.net, pair)) and same(
                expected, numbers_of(sheet.net, pair[::-1])
            )
    assert right >= 0.95 * count


def same(oracle: dict[str, np.ndarray], found: Mapping[Key, np.ndarray]) -> bool:
    """Whether the oracle's numbers are found; what is not finite is not compared."""
    largest = max(np.abs(array[np.isfinite(array)]).max(initial=0.0) for array in oracle.values())
    for name, array in oracle.items():
        kind, layer = name.rstrip("0123456789"), int(name.lstrip("abdWz"))
        mine = found[KEYS[kind], layer - 1]
        near = np.isclose(mine, array, rtol=1e-7, atol=1e-13 * largest)
        if np.isfinite(array).all() and not near.all():
            return False
    return True
