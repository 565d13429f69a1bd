"""A derivation of one's own: whatever is equal passes, whatever is not is caught, and what is worked out is counted."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from bpstep.debugger.answers import Derived, WorkedOut
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.paths import paths
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.engine.rules import RULES
from bpstep.exercises.derivation import begun
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load
from bpstep.view.say.plain import plain_lines
from tests.helpers.commands import SMALL

EIGHT = "where-is-the-back-propagation"
MAZUR = "mazur-2-2-2"


def opened(scenario: str) -> Console:
    session = Console(load(scenario))
    session.tutor = ExerciseTutor(session)
    return session


def told(session: Console, line: str) -> Derived:
    answer = session.execute(line)
    assert isinstance(answer, Derived)
    return answer


def derived(session: Console, cell: str, *lines: str) -> WorkedOut:
    """What a derivation made use of, all of whose lines hold."""
    session.execute(f"derive {cell}")
    for line in lines:
        assert told(session, f"= {line}").refused is None, line
    used = told(session, "derive end").used
    assert used is not None
    return used


def slip(session: Console, cell: str, *lines: str) -> str:
    """What is said of the last line; those before it hold."""
    session.execute(f"derive {cell}")
    found = [told(session, f"={line}") for line in lines]
    assert [one.refused is None for one in found] == [True] * (len(lines) - 1) + [False]
    return found[-1].slip


# --- lines that are equal, and lines that are not -----------------------------------------------------


class Writer:
    """Writes a derivative by the chain rule, in one of many ways that are all right."""

    def __init__(self, session: Console, chance: random.Random) -> None:
        self.session, self.chance = session, chance
        self.graph = session.setup.graph

    def contributions(self, cell: Cell) -> list[tuple[Cell, Cell]]:
        """The cells that a cell leads to, each with the local derivative between them."""
        spot = self.session.index.find(cell)
        assert spot is not None
        return [
            (head, cells.local(head, cell))
            for head in dict.fromkeys(
                edge.head.cell(edge.head_of(k, spot.j))
                for edge in self.graph.consumers[spot.at.id]
                for k in range(edge.uses_of(spot.j))
            )
        ]

    def terms(self, cell: Cell, depth: int) -> list[str]:
        """The terms of d(cell), in any order, their factors in any order."""
        found = []
        for head, local in self.contributions(cell):
            factors = [self.derivative(head, depth), str(local)]
            self.chance.shuffle(factors)
            found.append(self.chance.choice([" * ", "*", " · "]).join(factors))
        self.chance.shuffle(found)
        return found

    def derivative(self, cell: Cell, depth: int) -> str:
        """d(cell) by its name, or by the chain rule."""
        if depth == 0 or not self.contributions(cell) or self.chance.random() < 0.3:
            return str(cells.d(cell))
        return f"({' + '.join(self.terms(cell, depth - 1))})"


def some_cell(session: Console, chance: random.Random) -> Cell:
    """A parameter; of an expression, an input."""
    graph = session.setup.graph
    vector = chance.choice(graph.parameters or [one for one in graph.given if graph.consumers[one.id]])
    used = [row for row in range(len(vector.names)) if graph.uses_of(vector, row * vector.per_row)]
    row = chance.choice(used)
    return vector.cell(vector.number(row, chance.randrange(vector.per_row)))


@pytest.mark.parametrize("scenario", SMALL)
def test_every_way_to_write_the_chain_rule_holds_and_every_slip_in_it_is_caught(scenario: str) -> None:
    chance = random.Random(scenario)
    session = opened(scenario)
    session.position = chance.randrange(min(session.length, 300) + 1)
    writer = Writer(session, chance)
    for _ in range(2):
        cell = some_cell(session, chance)
        session.execute(f"derive {cell}")
        for depth in (0, 1, 3):
            terms = writer.terms(cell, depth)
            assert told(session, f"= {' + '.join(terms)}").refused is None, terms
        lines = len(told(session, f"= {terms[0]}" if len(terms) == 1 else f"= {' + '.join(terms)}").lines)
        derivation = begun(session, str(cell), 0)
        place = chance.randrange(len(terms))
        if not derivation.read(session, terms[place], 0).values.any():
            continue  # what is 0 wherever the net stands may be left out
        rest = [term for k, term in enumerate(terms) if k != place]
        for wrong in (
            rest,
            [*rest, f"-{terms[place]}"],
            [*terms, terms[place]],
            [*rest, f"1.001 * {terms[place]}"],
            [*rest, repr(float(derivation.read(session, terms[place], 0).values[0]))],
        ):
            if wrong:
                found = told(session, f"= {' + '.join(wrong)}")
                assert found.refused is not None, wrong
                assert found.slip
                assert len(found.lines) == lines, "what does not hold is not taken"
                assert session.tutor is not None
                assert session.tutor.verdict == "wrong"


def test_the_truth_is_that_of_the_right_rule_and_of_one_sample() -> None:
    session = Console(load(MAZUR), rule=RULES["no-derivative"])
    session.tutor = ExerciseTutor(session)
    derived(session, "w[i1->h1]", "y[i1] * local[h1] * d(y[h1])")
    session = opened("batch-or-online")
    session.position = session.length
    assert session.moment.batch.numbers.samples > 1
    cell = some_cell(session, random.Random(1))
    assert told(session, f"derive {cell}").alone
    assert told(session, f"= {' + '.join(Writer(session, random.Random(1)).terms(cell, 2))}").refused is None


@pytest.mark.parametrize("scenario", SMALL)
def test_a_derivation_begins_with_the_numbers_of_the_cursor(scenario: str) -> None:
    session = opened(scenario)
    length = session.moment.place.schedule.sample.length
    samples = session.moment.place.schedule.samples
    session.position = min(
        session.length, samples * length
    )  # the last sample of the batch, its backward pass done
    cell = some_cell(session, random.Random(scenario))
    here = begun(session, str(cell), 0).points[0]
    graph = session.setup.graph
    for vector in (*graph.given, *graph.parameters, *graph.gathered):
        for row in range(len(vector.names)):
            found = vector.cell(vector.number(row, 0))
            assert here.moment.value(found) == session.moment.value(found), found


# --- what is said of a slip ---------------------------------------------------------------------------

_WHOLE = "y[i1] * local[h1] * (w[h1->o1] * delta[o1] + w[h1->o2] * delta[o2])"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["delta[h1]"], "It lacks the factor y[i1]."),
        (["-delta[h1] * y[i1]"], "It has the wrong sign."),
        (["delta[h1] * w[i1->h1]"], "It has w[i1->h1] where y[i1] belongs."),
        (["delta[h1] * y[i1] * local[h1]"], "It has the factor f′(e[h1]) once too often."),
        (["d(y[h1]) * y[i1]"], "It lacks the factor f′(e[h1])."),
        (["y[i1] * local[h1] * w[h1->o1] * delta[o1]"], "It leaves out what comes back from o2."),
        ([_WHOLE, "y[i1] * local[h1] * (w[h1->o1] * delta[o1])"], "It leaves out the term with delta[o2]."),
        (["0.0004386"], "It is near the derivative here, but not with other weights and inputs: use cells, not their "
                        "numbers."),
        (["y[i1] * (1 - y[h1]) * d(y[h1])"], "It lacks the factor y[h1]."),
        (["y[i1] * y[h1] * d(y[h1])"], "It lacks the factor 1 − y[h1]."),
        (
            [_WHOLE, _WHOLE.replace("delta[o2]", "delta[o1]")],
            "Multiplied out, its second term has delta[o1] where delta[o2] belongs.",
        ),
        ([_WHOLE, _WHOLE.replace("local[h1]", "e[h1] * (1 - e[h1])")],
         "It has a slip at f′(e[h1]). That takes e(1 − e): the slope is written with the output y, not with the net "
         "input."),
        ([_WHOLE, _WHOLE.replace("delta[o2]", "(t[o2] - y[o2]) * local[o2]")],
         "Multiplied out, its second term has the wrong sign."),
    ],
)  # fmt: skip
def test_a_slip_is_named(lines: list[str], says: str) -> None:
    assert slip(opened(MAZUR), "w[i1->h1]", *lines) == says


def test_a_slip_is_named_where_there_are_no_neurons() -> None:
    assert slip(opened("chain-rule"), "x", "2 * x * d(u)") == "It lacks the factor d(u, v)."
    says = slip(opened(MAZUR), "y[i1]", "delta[h1] * w[i1->h1]")
    assert says == "It leaves out what comes back from h2."


def test_a_path_that_is_left_out_is_named() -> None:
    session = opened(EIGHT)
    terms = written_out(session, spelt=False)
    assert slip(session, "w[x1->a1]", " + ".join(terms[:5] + terms[6:])) == (
        "It leaves out the path a1 → b2 → c1 → d2 → o."
    )
    assert slip(session, "w[x1->a1]", " + ".join([*terms, terms[2]])) == "Its ninth term is too much."
    wrong = [term.replace("local[c1]", "y[c1]") for term in terms]
    assert slip(session, "w[x1->a1]", " + ".join(wrong)) == "4 of its 8 terms lack the factor 1 − y[c1]."


# --- what is counted ----------------------------------------------------------------------------------


def written_out(session: Console, *, spelt: bool) -> list[str]:
    """∂E/∂w[x1->a1] along each of the eight paths, from the table of paths; ``spelt`` writes y(1 − y) for f′."""
    standing = Console(session.scenario)
    standing.position = standing.length
    page = paths(standing.moment, cells.w("x1", "a1"))
    assert page is not None

    def factor(tail: Cell, head: Cell) -> str:
        if tail.kind == "w":
            return f"y[{tail.of}]"
        if head.kind == "e":
            return f"w[{tail.of}->{head.of}]"
        if head.kind == "cost":
            return f"(y[{tail.of}] - t[{tail.of}])"
        return f"y[{head.of}] * (1 - y[{head.of}])" if spelt else f"local[{head.of}]"

    return [" * ".join(factor(*pair) for pair in pairwise(path.cells)) for path in page.listed]


_OF_THE_TABLE = (("o", 8), ("d1", 4), ("d2", 4), ("c1", 2), ("c2", 2), ("b1", 1), ("b2", 1), ("a1", 1))


@pytest.mark.parametrize("spelt", [False, True])
def test_written_out_path_by_path_each_delta_is_worked_out_as_often_as_the_table_says(spelt: bool) -> None:
    session = opened(EIGHT)
    terms = written_out(session, spelt=spelt)
    assert len(terms) == 8
    used = derived(session, "w[x1->a1]", "delta[a1] * y[x1]", " + ".join(terms))
    assert used == WorkedOut(("a1",), _OF_THE_TABLE, 0)
    random.Random(1).shuffle(terms)
    backward = [" * ".join(reversed(term.split(" * "))) for term in terms]
    assert derived(session, "w[x1->a1]", " + ".join(backward)).worked == _OF_THE_TABLE


def test_the_same_nested_instead_of_multiplied_out() -> None:
    following = {"a": "b", "b": "c", "c": "d"}

    def delta(name: str) -> str:
        if name == "o":
            return "(y[o] - t[o]) * local[o]"
        if name[0] == "d":
            return f"local[{name}] * w[{name}->o] * {delta('o')}"
        ways = [f"{following[name[0]]}{k}" for k in "12"]
        return f"local[{name}] * ({' + '.join(f'w[{name}->{way}] * {delta(way)}' for way in ways)})"

    assert derived(opened(EIGHT), "w[x1->a1]", f"y[x1] * {delta('a1')}").worked == _OF_THE_TABLE


def test_what_is_used_by_name_is_not_worked_out() -> None:
    session = opened(MAZUR)
    assert derived(session, "w[i1->h1]", "delta[h1] * y[i1]") == WorkedOut(("h1",), (), 0)
    assert derived(session, "w[i1->h1]", _WHOLE) == WorkedOut(("o1", "o2"), (("h1", 1),), 0)
    spread = "y[i1]*local[h1]*w[h1->o1]*delta[o1] + y[i1]*local[h1]*w[h1->o2]*delta[o2]"
    assert derived(session, "w[i1->h1]", _WHOLE, spread).worked == (("h1", 1),)
    assert derived(session, "w[h1->o1]", "(y[o1] - t[o1]) * y[o1] * (1 - y[o1]) * y[h1]").worked == (
        ("o1", 1),
    )
    assert derived(session, "w[h1->o1]", "-(t[o1] - y[o1]) * local[o1] * y[h1]").worked == (("o1", 1),)


def test_a_sum_that_is_a_delta_is_not_counted_again_by_its_terms() -> None:
    session = opened("article-linear")
    line = "y[x1] * (w[f1->f4] * delta[f4] + w[f1->f5] * delta[f5])"  # f′ is 1
    assert derived(session, "w[x1->f1]", line).worked == (("f1", 1),)


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["= y[i1]"], "no derivation is begun"),
        (["derive"], "no derivation is begun"),
        (["derive delta[h1]"], "expected a parameter or an input"),
        (["derive t[o1]"], "expected a parameter or an input"),
        (["derive w[i1->h1]", "= d(w[i1->h1])"], "is what is derived"),
        (["derive w[i1->h1]", "= delta[h1] < 3"], "found a condition"),
        (["derive w[i1->h1]", "= value"], "not of the step"),
        (["derive w[i1->h1]", "="], "expected an expression"),
        (["derive w[i1->h1]", "derive off", "= y[i1]"], "no derivation is begun"),
        (["derive w[i1->h1]", "restart", "= y[i1]"], "no derivation is begun"),
        (["derive w[i1->h1]", "predict on", "= y[i1]"], "tells what lies ahead"),
        (["exercise hidden-delta", "derive w[i1->h1]"], "tells what lies ahead"),
    ],
)
def test_what_can_be_no_line_is_refused_in_one(lines: list[str], says: str) -> None:
    session = opened(MAZUR)
    for line in lines[:-1]:
        session.execute(line)
    with pytest.raises(CommandError, match=says):
        session.execute(lines[-1])


def test_the_page_at_the_end() -> None:
    session = opened(MAZUR)
    session.execute("derive w[i1->h1]")
    session.execute("= delta[h1] * y[i1]")
    assert plain_lines(session, session.execute(f"= {_WHOLE}"), 80) == [
        "∂E/∂w(i1→h1)",
        "  = delta[h1] * y[i1]   +4.386e−4",
        "  = y[i1] * local[h1] * (w[h1->o1] * delta[o1] + w[h1->o2…   +4.386e−4   holds",
    ]
    assert plain_lines(session, session.execute("derive end"), 80) == [
        "∂E/∂w(i1→h1) = +4.386e−4",
        "  = delta[h1] * y[i1]",
        f"  = {_WHOLE}",
        "",
        "Used by name: δ(o1), δ(o2) and δ(h1).",
        "Worked out: δ(h1) once.",
        "Each was worked out once, which is back-propagation: what has a name is kept.",
    ]
