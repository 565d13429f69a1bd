"""Predict mode and exercises on the screen: by keys alone, at both sizes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from bpstep.exercises.loading import load_path
from bpstep.exercises.mastery import DAY
from bpstep.exercises.progress import Document, recorded
from bpstep.exercises.store import Store
from bpstep.tui.app import BpstepApp
from bpstep.tui.ask_cover import AskCover
from bpstep.tui.path_screen import PathScreen
from bpstep.tui.stepper import Stepper
from tests.helpers.screens import check_golden, opened, running, say, text_of, until

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
QUESTIONS = sum(len(exercise.items) for exercise in load_path()[0])


def stepper(pilot: Pilot[int]) -> Stepper:
    screen = pilot.app.screen
    assert isinstance(screen, Stepper)
    return screen


async def typed(pilot: Pilot[int], text: str) -> None:
    """An answer in the field."""
    assert isinstance(pilot.app.focused, Input)
    pilot.app.focused.value = text
    await pilot.press("enter")
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_predict(size: str) -> None:
    async with opened("mazur-2-2-2", SIZES[size]) as pilot:
        await say(pilot, "goto 22")
        await pilot.press("p")
        await pilot.pause()
        check_golden(f"{size}-mazur-2-2-2-predict-asked", text_of(pilot))
        assert text_of(pilot).count("+0.1385") == 0, "what is asked for stands nowhere"
        await typed(pilot, "y[o1] - t[o1]")
        check_golden(f"{size}-mazur-2-2-2-predict-wrong", text_of(pilot))
        await typed(pilot, "d(y[o1]) * local[o1]")
        assert stepper(pilot).session.position == 23
        assert "predict on · 1 right of 2" in text_of(pilot)
        await pilot.press("f2")
        await pilot.pause()
        assert "hint 1 of 3" in text_of(pilot)
        await pilot.press("f3")
        await pilot.pause()
        assert stepper(pilot).session.position == 24
        await pilot.press("s", "q", "p")
        assert pilot.app.focused is not None, "letters are text in the field"
        await pilot.press("escape")
        await pilot.pause()
        assert stepper(pilot).cover is None
        await pilot.press("escape")
        await pilot.pause()
        assert stepper(pilot).session.tutor is not None
        assert not stepper(pilot).session.tutor.predicting  # type: ignore[union-attr]


async def test_up_brings_the_last_answer_back() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        await typed(pilot, "w[i1->h1] * 3")
        await pilot.press("up")
        field = pilot.app.focused
        assert isinstance(field, Input)
        assert field.value == "w[i1->h1] * 3"


@pytest.mark.parametrize("size", SIZES)
async def test_the_path_by_keys_from_the_first_question_to_coming_back(size: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "progress.json")
    store.change(lambda document: document.update(learner=7))
    app = BpstepApp(None)
    app.begin_with = lambda: app.path(store)
    async with running(app, SIZES[size]) as pilot:
        check_golden(f"{size}-exercises", text_of(pilot))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(stepper(pilot).cover, AskCover)
        assert "What is d(u)?" in text_of(pilot)
        await typed(pilot, "0")
        assert "not right" in text_of(pilot)
        assert "It is not 0." in text_of(pilot)
        await typed(pilot, "y")
        assert "question 2 of 3" in text_of(pilot)
        assert "The slope of e^u is e^u itself" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("right")
        await pilot.pause()
        assert "the answer lies ahead" in text_of(pilot) or stepper(pilot).session.position < 8
        await pilot.press("p")
        await pilot.pause()
        assert "What is d(v)" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PathScreen)
        assert f"1 of {QUESTIONS} questions" in text_of(pilot)
        assert "1/3" in text_of(pilot)
        await pilot.press("n", "enter")
        await pilot.pause()
        assert "question 2 of 3" in text_of(pilot)


async def test_a_long_question_has_the_rows_of_the_network_and_is_read_on_by_keys() -> None:
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await say(pilot, "exercise forward-or-backward seed=4")
        network = stepper(pilot).query_one("#network")
        await until(pilot, lambda: "15  dW1 = dz1.T @ X" in text_of(pilot))
        assert "1   z1 = X @ W1.T" in text_of(pilot)
        assert not network.display
        await typed(pilot, "15")
        await until(pilot, lambda: "what line 15 reads is wrong already: dz1." in text_of(pilot))
        assert "15  dW1 = dz1.T @ X" not in text_of(pilot)
        await pilot.press("pagedown")
        await until(pilot, lambda: "15  dW1 = dz1.T @ X" in text_of(pilot))
        await pilot.press("pageup")
        await until(pilot, lambda: "Three layers without biases." in text_of(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: network.display)
        await say(pilot, "exercise first-chain-rule seed=1")
        await until(pilot, lambda: "What is d(u)?" in text_of(pilot))
        assert network.display


async def test_home_leads_to_the_exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path))
    async with opened(None, (80, 24)) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert f"0 of {QUESTIONS} questions" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "lessons" in text_of(pilot)


def everything_once(document: Document) -> None:
    """One skill of each state: long ago, just now, and once."""
    now = int(time.time())
    for name, questions, rounds in (
        ("bias-is-a-weight", 3, (now - 9 * DAY, now - 8 * DAY)),
        ("dead-unit", 2, (now - DAY, now)),
        ("vanishing-delta", 3, (now,)),
    ):
        for seed, at in enumerate(rounds):
            for place in range(questions):
                event = {"at": at, "what": "answer", "answer": "1", "verdict": "correct", "seed": seed}
                recorded(document, name, place, event, varies=False)


async def test_home_tells_what_is_done_and_what_is_next() -> None:
    solved = {"state": "solved", "tries": 1}
    both, first = {"items": {"0": solved, "1": solved}}, {"items": {"0": solved}}
    done = {"dead-unit": both, "the-line-with-relu": first, "first-chain-rule": first}
    Store().change(lambda document: document["exercises"].update(done))
    async with opened(None, (120, 40)) as pilot:
        await pilot.pause()
        text = text_of(pilot)
        assert "next: The first chain rule, in chain-rule" in text
        assert "● dead-relu" in text
        assert "◆ chain-rule" in text
        assert "· one-neuron" in text
        await pilot.press("n")
        await pilot.pause()
        assert "exercise" in text_of(pilot)
        assert "chain rule, step by step" in text_of(pilot)


async def test_home_tells_every_skill_with_a_word() -> None:
    Store().change(everything_once)
    for size in ((80, 24), (120, 40)):
        async with opened(None, size) as pilot:
            await pilot.pause()
            assert re.search(r"skills: 1 mastered, 1 due, 1 learning and \d+ new", text_of(pilot))
            await pilot.press("s")
            await pilot.pause()
            text = text_of(pilot)
            assert re.search(r"● saturation +mastered +comes back in 1 day", text)
            assert re.search(r"◆ vanishing +learning +one more variant without a mistake", text)
            assert re.search(r"◀ bias +due", text)
            assert "next: bias-is-a-weight (bias is due again; its last round was 8 days ago)" in text
            assert re.search(r"· upstream +new", text)


async def test_beside_a_lesson_stand_its_skills_with_their_states() -> None:
    Store().change(everything_once)
    async with opened(None, (120, 40)) as pilot:
        await pilot.pause()
        for key in ("slash", *"shrinks", "enter"):
            await pilot.press(key)
        await pilot.pause()
        assert re.search(r"◆ vanishing +learning", text_of(pilot))


async def test_home_finds_and_tells_about_it_where_there_is_no_room_beside_the_list() -> None:
    async with opened(None, (80, 24)) as pilot:
        for key in ("slash", *"shrinks", "enter"):
            await pilot.press(key)
        await pilot.pause()
        assert re.search(r"▶ · +vanishing", text_of(pilot))
        await pilot.press("right")
        await pilot.pause()
        assert re.search(r"· vanishing +new", text_of(pilot))
        assert "symmetry" not in text_of(pilot)
        await pilot.press("e")
        await pilot.pause()
        assert re.search(r"▶ · How δ shrinks", text_of(pilot))
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert "lessons" in text_of(pilot)
        for key in ("slash", *"xyzzy", "enter"):
            await pilot.press(key)
        await pilot.pause()
        assert "no scenario says 'xyzzy'" in text_of(pilot)


async def test_a_damaged_progress_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{", "utf-8")
    app = BpstepApp(None)
    app.begin_with = lambda: app.path(Store(path))
    async with running(app, (80, 24)) as pilot:
        assert "set aside as" in text_of(pilot)


async def test_an_exercise_ends_and_says_what_is_next(tmp_path: Path) -> None:
    app = BpstepApp(None)
    store = Store(tmp_path / "progress.json")
    app.begin_with = lambda: app.exercise("slope-of-the-neuron", store)
    async with running(app, (80, 24)) as pilot:
        await typed(pilot, "y[n] * (1 - y[n])")
        await typed(pilot, "y[n] * (1 - y[n])")
        assert "next goes on to output-delta" in text_of(pilot)
        assert "y·(1 − y): no exp is needed on the way back." in text_of(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "output-delta · question 1 of 3" in text_of(pilot), "a key leads on"


async def test_a_training_is_asked_for_looked_at_and_handed_in_from_the_field(tmp_path: Path) -> None:
    app = BpstepApp(None)
    store = Store(tmp_path / "progress.json")
    app.begin_with = lambda: app.exercise("faster", store)
    async with running(app, SIZES["80x24"]) as pilot:
        await typed(pilot, "print lr")
        assert "lr = 0.6" in text_of(pilot)
        await typed(pilot, "set lr = 0.25")
        await typed(pilot, "train 12")
        await until(pilot, lambda: not stepper(pilot).is_working)
        assert "p back to the question" in text_of(pilot)
        await pilot.press("p", "enter")
        await pilot.pause()
        assert "right: the loss is 0 after 1 update" in text_of(pilot)
        assert "next goes on to" in text_of(pilot)


async def test_in_an_exam_the_screen_shows_the_question_and_nothing_that_helps(tmp_path: Path) -> None:
    (tmp_path / "1.toml").write_text(
        'format = 1\nid = "one"\ntitle = "One"\nscenario = "one-neuron"\n'
        '[[item]]\nkind = "value"\nask = "e[n]"\n[[item]]\nkind = "value"\nask = "y[n]"\n',
        "utf-8",
    )
    app = BpstepApp(None)
    app.begin_with = lambda: app.exercise("", Store(tmp_path / "s" / "p.json"), tmp_path, exam=True)
    async with running(app, (80, 24)) as pilot:
        assert "hint" not in text_of(pilot)
        assert "reveal" not in text_of(pilot)
        await pilot.press("f2")
        assert "no hints in an exam" in text_of(pilot)
        await typed(pilot, "9")
        assert "Taken: 9" in text_of(pilot)
        assert "question 2 of 2" in text_of(pilot)
        await pilot.press("escape")
        for key in ("i", "l", "k", "w"):
            await pilot.press(key)
            assert "in an exam" in text_of(pilot), key
