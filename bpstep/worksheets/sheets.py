"""Who gets what: a sheet for each student, of a scenario with its blanks or of exercises with their questions.

A faded sheet has three parts, each with other numbers: a worked example, one of which the first half is worked out,
and one to do alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bpstep.debugger.destinations import next_phase
from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.build import Problem
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec
from bpstep.english import counted, group
from bpstep.exercises.kind import BLANK, ZERO, Posed, on_paper
from bpstep.exercises.kind import truth as truth_posed
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise
from bpstep.exercises.posing import posed_item, variant_of
from bpstep.lazily import dataclass
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import statements_of
from bpstep.worksheets.mistakes import MOST_SLIPS, Mistakes, Wrong
from bpstep.worksheets.numbers import Draws, tolerance_truth
from bpstep.worksheets.parts import Asked, Part, Question, made_part
from bpstep.worksheets.patterns import matching

__all__ = [
    "MOST_PARAMETERS",
    "MOST_SHEETS",
    "Sheet",
    "default_blanks",
    "left_out",
    "of_exercises",
    "of_scenario",
    "one_pass",
]

#: A class, and what fits on a sheet: so many gaps, parameters and steps.
MOST_SHEETS, MOST_PARAMETERS = 500, 400
_MOST_BLANKS, _MOST_STEPS = 200, 5_000

#: The parts of a faded sheet, and of how many of its blanks each shows the worked steps.
_FADED = (("A worked example", 1.0), ("Half of it is done", 0.5), ("Yours", 0.0))


@dataclass(frozen=True)
class Sheet:
    """What one student gets."""

    number: int
    title: str
    about: str
    parts: tuple[Part, ...]


# --- of a scenario ------------------------------------------------------------------------------------


def default_blanks(scenario: Scenario) -> str:
    """What is left blank where nobody says it; of a program over arrays the derivatives by what its author named and
    by its parameters."""
    problem = scenario.problem
    if not isinstance(problem, ExpressionSpec):
        return "delta[*], d(w[*])"
    if not problem.has_arrays:
        return "d(*)"
    session = Session(scenario)
    graph = session.setup.graph
    named = {one.name for one in statements_of(Frame.of(session))} - {problem.output}
    asked = [v for v in graph.gathered if v.layer in named or v in graph.parameters]
    heard = [v for v in asked if any(graph.uses_of(v, j) for j in range(v.size))]
    return ", ".join(f"d({v.layer}[*])" if v.size > 1 else f"d({v.layer})" for v in heard)


def of_scenario(
    scenario: Scenario,
    blanks: str,
    *,
    variants: int,
    seed: int,
    sample: int | None = None,
    fade: bool = False,
) -> Iterator[Sheet]:
    """A sheet for each student about one pass of a scenario, with these cells blank; ``sample`` is its number, None for
    the first one without a 0 among its inputs, which would make gradients 0.

    `CommandError` where a pattern fits nothing, or it is more than a sheet has room for.
    """
    alone = one_pass(scenario, sample)
    session = Session(alone)
    if session.length > _MOST_STEPS:
        raise CommandError(f"a pass of {group(session.length)} steps is too large for a sheet")
    ops = {step.cell: step.op for step in map(session.run.step, range(1, session.length + 1))}
    asked = matching(blanks, ops, scenario.name)
    if len(asked) > _MOST_BLANKS:
        raise CommandError(
            f"{group(len(asked))} blanks are too many for a sheet; expected at most {_MOST_BLANKS}"
        )
    draws = Draws(alone, asked, seed)
    levels = _FADED if fade else (("", 0.0),)
    for number in range(1, variants + 1):
        parts: list[Part] = []
        for place, (title, share) in enumerate(levels):
            session = draws.variant((number - 1) * len(levels) + place + 1)
            parts.append(_part(session, asked, draws.mistakes, title, share, _next_number(parts)))
        yield Sheet(number, alone.title, alone.summary, tuple(parts))


def one_pass(scenario: Scenario, sample: int | None = None) -> Scenario:
    """The scenario with one sample and one update: what somebody can work out on paper.
    Raises `CommandError` where there is no such sample, or more parameters than a sheet has room for."""
    problem, training = scenario.problem, replace(scenario.training, batch=1, epochs=1, shuffle=None)
    samples = problem.samples if isinstance(problem, ExpressionSpec) else len(problem.x)
    if sample is not None and sample > samples:
        raise CommandError(f"there is no sample {sample}; {scenario.name} has {counted(samples, 'sample')}")
    if isinstance(problem, ExpressionSpec):
        sample = sample or 1
        one: Problem = _of_sample(problem, sample)
    else:
        parameters = sum(layer.weights.size + len(layer.neurons) for layer in problem.layers)
        if parameters > MOST_PARAMETERS:
            message = f"{scenario.name} has {counted(parameters, 'parameter')}; a sheet has room for"
            raise CommandError(f"{message} {MOST_PARAMETERS}")
        sample = sample or 1 + int(problem.x.all(axis=1).argmax())
        one = replace(problem, x=problem.x[sample - 1 : sample], t=problem.t[sample - 1 : sample])
    # What the author says of a scenario may hold for the author's numbers alone.
    summary = f"This is about sample {sample} of {samples}." if samples > 1 else ""
    return replace(scenario, problem=one, training=training, notes=(), summary=summary)


def _of_sample(problem: ExpressionSpec, sample: int) -> ExpressionSpec:
    """An expression with the inputs of one of its samples."""
    values = dict(zip(problem.inputs, problem.values, strict=True))
    for name, array in problem.by_sample.items():
        values[name] = array[sample - 1] if array.ndim > 1 else float(array[sample - 1])
    return replace(problem, values=tuple(values.values()), by_sample={})


def _part(
    session: Session, asked: Sequence[Cell], mistakes: Mistakes, title: str, share: float, first: int
) -> Part:
    """One pass with its blanks, of which the first share is worked out."""
    session.position = _before_update(session)
    truths = [tolerance_truth(session, cell) for cell in asked]
    truths.sort(key=lambda truth: truth.steps[-1].number)
    worked = round(share * len(truths))
    wanted = [Asked(truth, None, place < worked) for place, truth in enumerate(truths)]
    return made_part(session, wanted, mistakes, title=title, first=first)


def _before_update(session: Session) -> int:
    """Where the first gradients are all there, and nothing is updated yet."""
    end = session.run.timeline.start_of_batch(1)
    updates = (n for n in range(1, end + 1) if session.run.step(n).op in ("update", "state"))
    return next(updates, end + 1) - 1


def _next_number(parts: Sequence[Part], least: int = 1) -> int:
    """The number of the next gap or question of a sheet."""
    numbers = [blank.number for part in parts for blank in part.blanks]
    return max([least - 1, *numbers, *(question.number for part in parts for question in part.questions)]) + 1


# --- of exercises -------------------------------------------------------------------------------------


def left_out(exercises: Sequence[Exercise]) -> list[str]:
    """The questions that can not be asked on paper, a line each."""
    return [
        f"{exercise.id}, question {place + 1}: {why}; it is left out"
        for exercise in exercises
        for place in range(len(exercise.items))
        if (why := _not_on_paper(exercise, place))
    ]


def _not_on_paper(exercise: Exercise, place: int) -> str:
    """Why a question can not be asked on paper; "" where it can."""
    item = exercise.items[place]
    kind = KINDS[item.kind]
    if not kind.is_on_paper:
        return f"a question of the kind {item.kind} is not for paper"
    if not kind.is_apart:
        return ""
    run = Session(load(exercise.scenario)).run
    samples = run.setup.training.batch or run.timeline.samples
    return (
        f"its run is of batches of {counted(samples, 'sample')}, too large for a sheet" if samples > 1 else ""
    )


def _on_paper(exercise: Exercise) -> list[int]:
    """The places of the questions that can be asked on paper."""
    return [place for place in range(len(exercise.items)) if not _not_on_paper(exercise, place)]


def of_exercises(
    exercises: Sequence[Exercise], *, variants: int, seed: int, fade: bool = False
) -> Iterator[Sheet]:
    """A sheet for each student with the questions of some exercises; `CommandError` where none is for paper."""
    fit = [exercise for exercise in exercises if _on_paper(exercise)]
    if not fit:
        raise CommandError("none of these questions is for paper")
    levels = _FADED if fade else (("", 0.0),)
    known = {exercise.id: Mistakes() for exercise in fit}
    title = fit[0].title if len(fit) == 1 else "Exercises"
    for number in range(1, variants + 1):
        parts: list[Part] = []
        for exercise in fit:
            for place, (level, share) in enumerate(levels):
                own = seed + (number - 1) * len(levels) + place
                head = ", ".join(filter(None, (exercise.title if len(fit) > 1 else "", level)))
                parts += _asked_parts(exercise, own, known[exercise.id], head, share, _next_number(parts))
        yield Sheet(number, title, fit[0].about if len(fit) == 1 else "", tuple(parts))


def _asked_parts(
    exercise: Exercise, seed: int, mistakes: Mistakes, title: str, share: float, first: int
) -> Iterator[Part]:
    """The questions of an exercise, with the numbers of a seed; of a worked example only what is worked.  A run with
    numbers of its own stands by itself."""
    scenario = variant_of(exercise, seed)
    posed = [posed_item(exercise, place, scenario, seed) for place in _on_paper(exercise)]
    together = [one for one in posed if not one.kind.is_apart]
    opened = f"exercise {exercise.id} seed={seed}"
    if together:
        part = _asked_part(together, mistakes, title, share, first, opened)
        yield part
        first = _next_number([part], first)
    for number, one in enumerate(one for one in posed if one.kind.is_apart and not share):
        one.session.position = _before_update(one.session)
        asked = [_question(one, first + number)]
        yield made_part(one.session, (), mistakes, title=title, opened=opened, questions=asked)


def _asked_part(
    posed: Sequence[Posed], mistakes: Mistakes, title: str, share: float, first: int, opened: str
) -> Part:
    numeric = [one for one in posed if one.kind.is_number]
    worked = round(share * len(numeric))
    wanted = [Asked(truth_posed(one), one.item.wrong, k < worked) for k, one in enumerate(numeric)]
    gaps = len(wanted) - worked
    spoken = [] if share else [one for one in posed if not one.kind.is_number]
    questions = [_gap_question(one, first + k) for k, one in enumerate(numeric[worked:])]
    questions += [_question(one, first + gaps + k) for k, one in enumerate(spoken)]
    hiding = [one for one in posed if one.kind.hides]
    shown = hiding or [one for one in posed if not one.kind.conceals]
    stands = [one.session for one in shown] or [_gone_forward(posed[0].scenario)]
    stand = max(stands, key=lambda session: session.position)
    since = min((one.session.position for one in hiding), default=stand.position)
    kept_back = [one for one in posed if (one.kind.hides and not one.kind.is_number) or one.kind.conceals]
    secret = {one.cell for one in kept_back} - {one.truth.cell for one in wanted}
    return made_part(
        stand,
        wanted,
        mistakes,
        title=title,
        opened=opened,
        first=first,
        since=since,
        secret=secret,
        questions=questions,
    )


def _gone_forward(scenario: Scenario) -> Session:
    """A session that stands where the way back begins."""
    session = Session(scenario)
    session.position = (next_phase(session.run, "backward", 0) or 1) - 1
    return session


def _gap_question(posed: Posed, number: int) -> Question:
    """The prompt that goes with a gap."""
    return Question(number, tuple(posed.kind.question(posed)), ())


def _question(posed: Posed, number: int) -> Question:
    solution, asked = posed.kind.solution(posed), on_paper(posed)
    bad = [mistake for mistake in posed.kind.bad(posed) if mistake not in (BLANK, ZERO)]
    alike = [mistake for mistake in bad if _is_number(mistake.text) == _is_number(solution)]
    wrong = tuple(Wrong(mistake.text, mistake.name) for mistake in alike[:MOST_SLIPS])
    return Question(number, asked.lines, (solution,), wrong, asked.how)


def _is_number(text: str) -> bool:
    """Whether an answer is a number, and not a formula or an order."""
    try:
        float(text)
    except ValueError:
        return False
    return True
