"""Mastery: a function of the record and the clock; what is offered, and why.  No test waits: the clock is a number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.debugger.answers import Asked
from bpstep.debugger.console import Console
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.exercises.mastery import DAY, INTERVALS, STATES, WEEK, Skill, fading, rounds_of, skills_of
from bpstep.exercises.model import Exercise, Item, Range
from bpstep.exercises.offering import offered
from bpstep.exercises.progress import Document, fresh, recorded
from bpstep.exercises.store import Store
from bpstep.exercises.tutor import ExerciseTutor
from bpstep.scenario.loader import load

VARY = {"x": Range(0.0, 1.0, 0.1)}
TWO = (Item("value", ("a",)), Item("value", ("b",)))
ONE = Exercise("one", "One", "chain-rule", TWO, ("product", "sum"), vary=VARY)
SAME = Exercise("same", "Same", "chain-rule", TWO[:1], ("limit",))
LAST = Exercise("last", "Last", "chain-rule", TWO[:1], ("sum",), vary=VARY)
PATH = (ONE, SAME, LAST)
START = 1_000_000


def did(document: Document, exercise: Exercise, seed: int, at: int, what: str = "right") -> None:
    """Go through an exercise at a time: all right, or with one thing amiss at its last question."""
    for place in range(len(exercise.items)):
        is_last = place == len(exercise.items) - 1
        before = {"hint": ["hint"], "wrong": ["answer wrong"], "reveal": ["reveal"]}.get(what, [])
        for event in [*(before if is_last else []), "answer correct"]:
            word, _, verdict = event.partition(" ")
            facts = {"answer": "1", "verdict": verdict} if verdict else {}
            event_now = {"at": at, "what": word, **facts, "seed": seed}
            recorded(document, exercise.id, place, event_now, varies=bool(exercise.vary))


def skill(document: Document, name: str, now: float) -> Skill:
    return next(one for one in skills_of(document, PATH, now) if one.name == name)


def test_two_clean_variants_make_a_skill_mastered_and_it_comes_back_after_a_day_then_a_week() -> None:
    document = fresh()
    assert skill(document, "product", START).state == "new"
    did(document, ONE, 1, START)
    assert skill(document, "product", START).state == "learning"
    did(document, ONE, 1, START, "wrong")  # the same variant again is no other one, rightly or wrongly
    assert skill(document, "product", START).state == "learning"
    did(document, ONE, 2, START)
    assert skill(document, "product", START + DAY - 1).state == "mastered"
    assert skill(document, "product", START + DAY).state == "due"
    did(document, ONE, 3, START + DAY)
    assert skill(document, "product", START + DAY + WEEK - 1).state == "mastered"
    assert skill(document, "product", START + DAY + WEEK).state == "due"
    did(document, ONE, 4, START + DAY + WEEK)
    assert skill(document, "product", START + DAY + WEEK).due == START + DAY + 2 * WEEK


def test_who_practises_before_it_is_due_waits_no_longer_for_it() -> None:
    document = fresh()
    for seed in range(6):
        did(document, ONE, seed, START + seed)
    assert skill(document, "product", START + 9).due == START + 5 + DAY


@pytest.mark.parametrize("what", ["hint", "wrong", "reveal"])
def test_a_round_with_something_amiss_puts_it_back_to_learning(what: str) -> None:
    document = fresh()
    for seed, how in enumerate(["right", "right", what]):
        did(document, ONE, seed, START + seed, how)
    assert skill(document, "product", START + 9).state == "learning"
    did(document, ONE, 3, START + 10)
    assert skill(document, "product", START + 10).state == "learning"
    did(document, ONE, 4, START + 11)
    assert skill(document, "product", START + 11).state == "mastered"


def test_where_the_numbers_are_always_the_same_another_day_is_another_variant() -> None:
    document = fresh()
    did(document, SAME, 1, START)
    did(document, SAME, 2, START + DAY - 1)
    assert skill(document, "limit", START + DAY).state == "learning"
    did(document, SAME, 3, START + DAY)
    assert skill(document, "limit", START + DAY).state == "mastered"


def test_a_skill_is_shown_in_two_exercises_as_well_as_in_two_variants_of_one() -> None:
    document = fresh()
    did(document, ONE, 7, START)
    did(document, LAST, 7, START)
    assert skill(document, "sum", START).state == "mastered"
    assert skill(document, "product", START).state == "learning"


def test_a_record_without_times_is_read_as_of_long_ago_and_imported_work_counts_for_nothing() -> None:
    document = fresh()
    did(document, ONE, 1, 0)
    did(document, ONE, 2, 0)
    items = document["exercises"]["one"]["items"]
    for item in items.values():
        for event in item["events"]:
            del event["at"]
    assert skill(document, "product", START).state == "due"
    for item in items.values():
        item["from"] = 7
    assert skill(document, "product", START).state == "new"


@given(
    rounds=st.lists(
        st.tuples(
            st.sampled_from(PATH),
            st.sampled_from(["right", "wrong", "hint", "reveal"]),
            st.integers(0, 3 * DAY),
        ),
        max_size=12,
    ),
    later=st.integers(0, 9 * DAY),
)
def test_whatever_is_done_the_state_says_what_the_rule_says(
    rounds: list[tuple[Exercise, str, int]], later: int
) -> None:
    document, now = fresh(), START
    last: dict[str, list[str]] = {}
    for seed, (exercise, what, wait) in enumerate(rounds):
        now += wait
        did(document, exercise, seed, now, what)
        for name in exercise.skills:
            last.setdefault(name, []).append(what)
    for one in skills_of(document, PATH, now + later):
        done = last.get(one.name, [])
        assert one.state in STATES
        assert (one.state == "new") == (not done)
        if one.name != "limit":  # its numbers are always the same: see above
            assert (one.due is not None) == (len(done) > 1 and set(done[-2:]) == {"right"})
        if one.due is not None:
            assert one.due - one.since in INTERVALS
            assert one.state == ("due" if now + later >= one.due else "mastered")
    offer = offered(document, PATH, now + later)
    assert offer is None or offer.why


def test_what_is_begun_comes_first_then_what_is_due_then_what_is_new_then_what_is_not_mastered() -> None:
    document = fresh()

    def now(at: int, *passed: str) -> tuple[str, str] | None:
        offer = offered(document, PATH, at, passed)
        return (offer.exercise.id, offer.why) if offer is not None else None

    assert now(START) == ("one", "it is the next new one")
    assert now(START, "one") == ("same", "it is the next new one")
    did(document, ONE, 1, START)
    did(document, ONE, 2, START)
    assert now(START) == ("same", "it is the next new one")
    assert now(START + DAY) == ("one", "product is due again; its last round was 1 day ago")
    tried = {"at": START, "what": "answer", "answer": "9", "verdict": "wrong", "seed": 1}
    recorded(document, "last", 0, tried, varies=True)
    assert now(START + DAY) == ("last", "you have begun it; 1 question of it is open")
    did(document, LAST, 2, START + 1)
    did(document, SAME, 1, START + 1)
    assert now(START + 2) == ("one", "sum is not mastered yet")
    did(document, ONE, 3, START + 3)
    assert now(START + 4) is None
    assert now(START + 1 + DAY, "one", "last") == ("same", "limit is not mastered yet")


def test_the_prompt_offers_what_is_due_and_says_why(tmp_path: Path) -> None:
    now = [float(START)]
    session = Console(load("chain-rule"))
    store = Store(tmp_path / "progress.json", clock=lambda: now[0])
    tutor = session.tutor = ExerciseTutor(session, store=store)

    def go_through(command: str) -> Asked:
        asked = session.execute(command)
        assert isinstance(asked, Asked)
        while tutor.posed is not None:
            session.execute(f"answer {KINDS[tutor.posed.item.kind].solution(tutor.posed)}")
        return asked

    assert "Why this one: it is the next new one." in go_through("exercise").lines
    go_through("exercise first-chain-rule")
    tutor = session.tutor = ExerciseTutor(session, store=store)
    now[0] += DAY
    asked = session.execute("exercise")
    assert isinstance(asked, Asked)
    assert asked.lines[0].startswith("The first chain rule")
    assert asked.lines[1].startswith("Why this one: upstream is due again; its last round was 1 day ago")
    exercise = load_path()[0][0]
    assert [one.clean for one in rounds_of(store.read(), exercise)] == [True, True]


def test_help_fades_as_a_skill_is_mastered(tmp_path: Path) -> None:
    session = Console(load("chain-rule"))
    tutor = session.tutor = ExerciseTutor(
        session, store=Store(tmp_path / "progress.json", clock=lambda: START)
    )

    def hints() -> int:
        """How many hints there are at the first question, before a try."""
        found = [session.execute("hint") for _ in range(3)]
        return sum(isinstance(one, Asked) and one.lines[0].startswith("hint ") for one in found)

    for before_a_try in (3, 2, 1):
        session.execute("exercise first-chain-rule")
        with_help = tutor.checkpoint()
        tutor.off_the_record = True
        assert hints() == before_a_try
        session.execute("answer 123")
        assert hints() == 3
        with_help()
        tutor.off_the_record = False
        while tutor.posed is not None:
            session.execute(f"answer {KINDS[tutor.posed.item.kind].solution(tutor.posed)}")


def test_help_fades_with_the_skill_that_is_practised_least() -> None:
    document = fresh()
    did(document, ONE, 1, START)
    did(document, LAST, 1, START)
    assert [one.clean for one in skills_of(document, PATH, START)] == [1, 2, 0]
    assert fading(skills_of(document, PATH, START), ONE) == 1
    assert fading(skills_of(document, PATH, START), LAST) == 2
