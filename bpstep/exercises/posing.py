"""From an exercise and a seed to a question that is asked: the variant, and a session that stands where it is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.engine.progress import Listener, unheard
from bpstep.exercises.grading import rule_values, slip_values
from bpstep.exercises.kind import Posed, truth
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise, Item, Range
from bpstep.exercises.variants import MOST_TRIES, drawn, generator, varied_scenario
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError

__all__ = ["posed_item", "variant_of"]


def variant_of(exercise: Exercise, seed: int, report: Listener = unheard) -> Scenario:
    """The scenario of an exercise, with the numbers of a seed; `CommandError` where none separates right from wrong.
    ``report`` hears how many were tried."""
    try:
        scenario = varied_scenario(exercise)
    except ScenarioError as error:
        raise CommandError(str(error)) from None
    if not exercise.vary:
        return scenario
    return _search(scenario, exercise.id, exercise.items, tuple(exercise.vary.items()), seed).variant(
        exercise, report
    )


class _Search:
    """The looking for the variant of a seed, which is long beside the posing of a question; what was found is kept."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.found: Scenario | None = None

    def variant(self, exercise: Exercise, report: Listener) -> Scenario:
        """The first scenario with drawn numbers that separates; ``report`` hears of one that is known, too."""
        report("variant", 0, MOST_TRIES)
        if self.found is None:
            self.found = self._first(exercise, report)
        return self.found

    def _first(self, exercise: Exercise, report: Listener) -> Scenario:
        others = [self._drawn(exercise, MOST_TRIES + k) for k in (1, 2)]
        places = range(len(exercise.items))
        for attempt in range(MOST_TRIES):
            found = self._drawn(exercise, attempt)
            if all(_separates(exercise, place, found, self.seed, others) for place in places):
                return found
            report("variant", attempt + 1, MOST_TRIES)
        raise CommandError(
            f"{exercise.id}: no variant of seed {self.seed} tells the right answer from the wrong ones",
            0,
            ExitCode.FAILED,
        )

    def _drawn(self, exercise: Exercise, attempt: int) -> Scenario:
        return drawn(self.scenario, exercise.vary, generator(exercise.id, self.seed, attempt))


@lru_cache(maxsize=256)
def _search(
    scenario: Scenario, name: str, items: tuple[Item, ...], vary: tuple[tuple[str, Range], ...], seed: int
) -> _Search:
    """The search of an exercise and a seed, by all that a variant depends on."""
    return _Search(scenario, seed)


def _separates(
    exercise: Exercise, place: int, scenario: Scenario, seed: int, others: Sequence[Scenario]
) -> bool:
    """Whether neither 0, nor any wrong rule that is named, nor any slip would pass."""
    item = exercise.items[place]
    if not KINDS[item.kind].is_number:
        return True
    posed = posed_item(exercise, place, scenario, seed)
    right = truth(posed)
    number = right.steps[-1].number
    rules = rule_values(posed.session, posed.cell, number, item.wrong)
    wrong = [0.0, *rules.values(), *(value for _, value in slip_values(posed.session, right, others))]
    return math.isfinite(right.value) and not any(right.holds(value) for value in wrong)


def posed_item(
    exercise: Exercise,
    place: int,
    scenario: Scenario,
    seed: int,
    learner: Console | None = None,
    report: Listener | None = None,
) -> Posed:
    """An item, with an examiner's session that stands where it is asked; ``learner`` answers in another one.
    ``report`` hears how far the examiner's is, where that takes long."""
    session = Console(scenario)
    session.listener = report
    item = replace(exercise.items[place], path=("item", place))
    posed = Posed(KINDS[item.kind], session, learner or session, scenario, item, exercise.id, seed)
    posed.kind.stand(posed)
    return posed
