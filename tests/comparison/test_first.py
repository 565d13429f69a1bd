"""The first wrong numbers, by definition: wrong, and nothing given that they descend from is wrong."""

from __future__ import annotations

import numpy as np

from bpstep.comparison.first import first_wrong
from bpstep.comparison.sheet import Sheet
from tests.comparison.planting import random_world

Number = tuple[str, int]


def operands(sheet: Sheet) -> dict[Number, set[Number]]:
    """What every number is made of, as the steps say: a cell and its sample (0 where it is one of the batch)."""
    whole = {
        str(slot.cell(i))
        for slot in sheet.slots.values()
        if not slot.by_sample
        for i in np.ndindex(slot.right.shape)
    }
    found: dict[Number, set[Number]] = {}

    def number(cell: object, sample: int) -> Number:
        return str(cell), 0 if str(cell) in whole else sample

    for step in sheet.steps():
        if step.op in ("state", "update"):
            break
        read = {number(factor.cell, step.when.sample) for factor in step.inputs if factor.cell != step.cell}
        found.setdefault(number(step.cell, step.when.sample), set()).update(read)
    return found


def by_definition(sheet: Sheet, given: set[Number], wrong: set[Number]) -> set[Number]:
    made_of = operands(sheet)

    def astray(one: Number) -> bool:
        return one in wrong if one in given else any(astray(part) for part in made_of.get(one, ()))

    return {one for one in wrong if not any(astray(part) for part in made_of.get(one, ()))}


def test_first_wrong_numbers_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(12)
    several = 0
    for _ in range(35):
        world = random_world(rng)
        sheet = world.sheet()
        rows = world.run.rows(world.batch)
        known = set(operands(sheet))
        given, wrong, masks = set(), set(), {}
        for key, slot in sheet.slots.items():
            cells = [str(slot.cell(i)) for i in np.ndindex(slot.right.shape)]
            if rng.random() < 0.5 or not known & {(c, s) for c in cells for s in (0, *(r + 1 for r in rows))}:
                continue
            sheet.put(key, (), slot.right)
            masks[key] = rng.random(slot.right.shape) < rng.choice([0.0, 0.1, 0.3])
            for index in np.ndindex(slot.right.shape):
                one = (str(slot.cell(index)), rows[index[0]] + 1 if slot.by_sample else 0)
                given.add(one)
                wrong |= {one} if masks[key][index] else set()
        found = {
            (str(sheet.slots[key].cell(i)), rows[i[0]] + 1 if sheet.slots[key].by_sample else 0)
            for key, i in first_wrong(sheet, masks)
        }
        assert found == by_definition(sheet, given, wrong)
        several += len(found) > 1
    assert several > 10
