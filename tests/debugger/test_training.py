"""Training, several runs, events: one timeline, and nothing lost on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bpstep.debugger.answers import Branches
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.events import EVENTS
from bpstep.debugger.training import Progress, train
from bpstep.engine.specs import TrainingSpec
from bpstep.scenario.loader import load
from bpstep.view.panes import loss
from tests.helpers.problems import network


def session_of(name: str, *lines: str) -> Console:
    session = Console(load(name))
    for line in lines:
        session.execute(line)
    return session


def test_training_is_moving_along_the_timeline() -> None:
    trained, walked = session_of("xor", "train 30"), session_of("xor", "goto epoch 31")
    assert trained.position == walked.position
    assert trained.read(walked.moment.index.graph.parameters[0].cell(0)) == walked.read(
        walked.moment.index.graph.parameters[0].cell(0)
    )
    trained.execute("train 5")
    assert trained.moment.place.epoch + 1 == 35
    trained.execute("step 3")
    trained.execute("train 1")
    assert trained.moment.place.epoch + 1 == 36, "an epoch that is begun is the first to be finished"


def test_past_the_end_epochs_are_added_and_the_past_stays() -> None:
    session = session_of("mazur-2-2-2")
    first = [session.run.step(number).value for number in range(1, 60)]
    session.execute("train 500")
    assert session.run.timeline.epochs == 500
    assert [session.run.step(number).value for number in range(1, 60)] == first
    session.execute("goto 17")
    session.execute("train 2")
    assert session.run.timeline.epochs == 500


def test_whoever_stops_listening_keeps_every_finished_epoch() -> None:
    session = Console(load("vanishing"))
    session.execute("set lr = 0.1")
    before = session.run.timeline.epochs
    progress = Progress(0, 1)
    training = train(session, 10**6)
    for progress in training:
        if progress.done > 200:
            break
    training.close()
    assert session.run.timeline.epochs == progress.done > before
    assert session.position == session.run.length
    again = session_of("vanishing", "set lr = 0.1", f"train {progress.done}")
    assert again.position == session.position
    last = session.run.timeline.batches
    assert again.run.snapshot(last).parameters.tobytes() == session.run.snapshot(last).parameters.tobytes()


def test_divergence_is_a_halt_at_the_step_with_its_name_and_value() -> None:
    session = Console(load("explode"))
    answer = session.execute("train 3000")
    step = session.step
    assert step is not None
    assert not np.isfinite(step.value)
    assert "diverged: cost = inf in epoch 1054" in answer.why  # type: ignore[attr-defined]
    session.execute("back")
    values = [session.run.step(number).value for number in range(session.position - 60, session.position + 1)]
    assert np.isfinite(values).all(), "it is the first"
    replayed = session_of("explode", *session.log)
    assert (replayed.position, replayed.length) == (session.position, session.length)


@pytest.mark.parametrize(
    ("scenario", "line", "says"),
    [
        ("chain-rule", "train 5", "no learning rate"),
        ("xor", "train 0", "from 1 to"),
        ("xor", "train many", "number of epochs"),
        ("xor", "train 99999999999", "number of epochs"),
        ("xor", "train 10000000", None),
    ],
)
def test_what_can_not_be_trained(scenario: str, line: str, says: str | None) -> None:
    session = Console(load(scenario))
    if says is None:
        session.execute("goto end")
        says = "at most 10000000 epochs"
    with pytest.raises(CommandError) as caught:
        session.execute(line)
    assert says in caught.value.message


def test_a_fork_goes_its_own_way_and_the_other_stays() -> None:
    session = session_of("xor", "train 300", "fork faster", "set lr = 8", "train 200")
    fast = session.run.epoch_loss(499)
    session.execute("switch main")
    assert session.run.edits == ()
    assert session.moment.place.epoch + 1 == 300
    session.execute("train 200")
    assert session.run.epoch_loss(499) != fast
    assert session.run.epoch_loss(200) == session.branches["faster"].run.epoch_loss(200)
    answer = session.execute("runs")
    assert isinstance(answer, Branches)
    assert [(row.name, row.is_now, row.edits) for row in answer.rows] == [
        ("faster", False, ("set lr = 8.0",)),
        ("main", True, ()),
    ]
    session.execute("switch faster")
    session.execute("undo")
    assert session.run.epoch_loss(499) == session.branches["main"].run.epoch_loss(499)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("fork main", "already"),
        ("fork a-b", "letters"),
        ("switch nowhere", 'there is no run "nowhere"'),
        ("switch", "expected a run"),
        ("break rising if loss > 1", "no condition"),
    ],
)
def test_what_can_not_be_forked(line: str, says: str) -> None:
    with pytest.raises(CommandError) as caught:
        Console(load("xor")).execute(line)
    assert says in caught.value.message


def test_a_session_with_forks_is_saved_and_replayed(tmp_path: Path) -> None:
    session = session_of("xor", "train 50", "fork b", "set lr = 1", "train 20", "switch main", "train 5")
    session.folder = tmp_path
    session.execute("save forks.bps")
    again = Console(load("chain-rule"))
    again.folder = tmp_path
    again.execute("source forks.bps")
    assert again.position == session.position
    assert set(again.branches) == set(session.branches) == {"b"}
    assert again.branches["b"].position == session.branches["b"].position
    assert again.branches["b"].run.epoch_loss(69) == session.branches["b"].run.epoch_loss(69)


def halts(session: Console, most: int = 10) -> list[int]:
    session.execute("goto start")
    found = []
    while len(found) < most:
        session.execute("continue")
        if session.position == session.length:
            break
        found.append(session.position)
    return found


def test_rising_halts_where_an_epoch_is_worse_than_the_one_before() -> None:
    session = session_of("xor", "set lr = 60", "goto epoch 400", "break rising")
    found = halts(session, 20)
    losses = [session.run.epoch_loss(epoch) for epoch in range(session.run.timeline.epochs)]
    wanted = [epoch + 1 for epoch in range(1, len(losses)) if losses[epoch] > losses[epoch - 1]][:20]
    assert wanted, "this rate is too large"
    assert [session.run.step(at).when.epoch for at in found] == wanted
    assert all(session.run.step(at).cell.kind == "loss" for at in found)


def test_dead_halts_once_where_a_unit_dies() -> None:
    session = session_of("dead-relu", "train 30", "break dead")
    found = halts(session)
    assert len(found) == 1
    step = session.run.step(found[0])
    assert step.op == "local"
    assert step.value == 0.0


def test_vanished_halts_where_no_delta_of_a_layer_is_left() -> None:
    ten = [("sigmoid", [[0.5]], None)] * 7
    problem = network(*ten, x=[[1.0]], t=[[0.0]])  # type: ignore[arg-type]
    from bpstep.scenario.model import Scenario

    session = Console(load("vanishing"))
    session.open(
        Scenario(**{**vars(session.scenario), "problem": problem, "training": TrainingSpec(), "notes": ()})
    )
    session.execute("break vanished")
    found = halts(session)
    deltas = {
        step.when.layer: abs(step.value) for step in session.run.steps() if str(step.cell).startswith("d(e[")
    }
    assert len(found) == sum(value < 1e-6 for value in deltas.values())


def test_not_finite_is_where_training_halts() -> None:
    session = session_of("explode", "train 2000")
    at = session.position
    session.execute("break not-finite")
    assert halts(session) == [at]
    session.execute("goto end")
    session.execute("rcontinue")
    assert session.position == at


@pytest.mark.parametrize("name", EVENTS)
def test_events_halt_in_reverse_where_they_halt_forward(name: str) -> None:
    session = session_of("xor", "set lr = 40", "goto epoch 60", f"break {name}")
    forward = halts(session, 100)
    session.execute("goto end")
    back = []
    while True:
        session.execute("rcontinue")
        if session.position == 0:
            break
        back.append(session.position)
    assert back == forward[::-1]


def test_until_the_loss_is_small_goes_through_20000_epochs_by_arithmetic() -> None:
    session = session_of("xor", "train 3000", "goto start", "until loss < 0.001")
    epoch = session.moment.place.epoch
    assert session.run.loss(epoch) < 0.001 <= session.run.loss(epoch - 1)
    step = session.step
    assert step is not None
    assert step.cell.kind == "loss"
    slow = session_of("xor", "goto start", "until loss + 0 * e[h1] < 0.1")
    fast = session_of("xor", "goto start", "until loss < 0.1")
    assert fast.moment.place.epoch == slow.moment.place.epoch


def test_predicted_and_actual_decrease_agree_for_small_steps_and_part_for_large_ones() -> None:
    session = session_of("mazur-2-2-2", "set lr = 0.0001", "train 1")
    predicted, happened = session.run.decrease(0)
    assert happened == pytest.approx(predicted, rel=1e-3)
    gradient = session.run.numbers(0).gradient
    assert predicted == pytest.approx(0.0001 * float(gradient @ gradient), rel=1e-9)
    predicted, happened = session_of("explode").run.decrease(0)
    assert predicted > 0 > happened


def test_a_change_keeps_the_curve_of_before_beside_the_new_one() -> None:
    session = Console(load("xor"))
    session.execute("goto end")
    assert session.before is None
    kept = session.run
    session.execute("goto epoch 100")
    session.execute("set lr = 1")
    assert session.before is kept
    session.execute("goto end")
    text = "\n".join(line.rstrip() for line in loss.draw(session, 80, 24).text().split("\n"))
    assert "before" in text
    assert "Beside it in epoch 1 000, before: loss 0.001172; the gradients of the two are" in text
    session.execute("restart")
    assert session.before is None


def test_who_changes_something_at_the_end_is_told_that_no_step_is_left() -> None:
    session = Console(load("mazur-2-2-2"))
    session.execute("goto end")
    for line in ("set lr = 0.1", "set optimizer = adam"):
        answer = session.execute(line)
        assert "no step is left to feel it" in answer.text  # type: ignore[attr-defined]
