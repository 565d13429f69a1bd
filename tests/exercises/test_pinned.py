"""A seed gives the same numbers for ever: answers that were exported are graded on them.

Which numbers are taken depends on what must be told apart, so on the table of slips, too.  A row that is added there,
and changes a variant here, would make right answers of before wrong: it needs another way, or a new exercise.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bpstep.debugger.console import Console
from bpstep.exercises.asked import cell_named
from bpstep.exercises.loading import load_path
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import variant_of

PINNED = Path(__file__).parent / "variants.json"
SEEDS = (1, 2)
VARIED = [exercise for exercise in load_path(retired=True)[0] if exercise.vary]


def numbers_of(exercise: Exercise, seed: int) -> dict[str, float]:
    session = Console(variant_of(exercise, seed))
    readings = {name: session.read(cell_named(session, name)) for name in exercise.vary}
    return {name: round(reading.value or 0.0, 9) for name, reading in readings.items() if reading is not None}


@pytest.mark.parametrize("exercise", VARIED, ids=lambda e: e.id)
def test_a_seed_gives_the_numbers_that_it_always_gave(exercise: Exercise) -> None:
    found = {str(seed): numbers_of(exercise, seed) for seed in SEEDS}
    pinned = json.loads(PINNED.read_text("utf-8")) if PINNED.exists() else {}
    if exercise.id not in pinned and os.environ.get("BPSTEP_UPDATE_GOLDENS") and not os.environ.get("CI"):
        PINNED.write_text(json.dumps({**pinned, exercise.id: found}, indent=1) + "\n", "utf-8")
        return
    assert exercise.id in pinned, "a new exercise: BPSTEP_UPDATE_GOLDENS=1 pins its numbers"
    assert found == pinned[exercise.id]
