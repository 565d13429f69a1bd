"""Without a mistake, a population computes what the engine computes; with one, nothing else than without sharing."""

from __future__ import annotations

import numpy as np
import pytest

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.net import net_of
from bpstep.comparison.population import Population
from bpstep.comparison.sheet import sheet_of
from bpstep.engine.run import Run
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load
from tests.comparison.planting import random_world

LARGE = {"deep-784-128-10"}


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


@pytest.mark.parametrize("name", [name for name in builtin_names() if name not in LARGE])
def test_the_right_numbers_are_those_of_the_engine(name: str) -> None:
    scenario = load(name)
    check(Run(scenario.problem, scenario.training), 0)


def test_of_random_nets_too() -> None:
    rng = np.random.default_rng(11)
    for _ in range(40):
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
