"""The loss view: how training went.  The loss over the epochs, the gradients of each layer, the decision of a net.

    loss        the loss of every run of the session, one curve each
    gradients   how large the weight gradients of each layer are: where they vanish or explode
    decision    of a net with two inputs: its first output over the plane of its inputs (`bpstep.view.panes.decision`)

Curves show what was computed so far; nothing is trained in order to be drawn.  ◆ is where the cursor stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import wrap

import numpy as np

from bpstep.debugger.session import Session
from bpstep.engine.compare import gradient_turns
from bpstep.engine.run import Run
from bpstep.engine.specs import NetworkSpec
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.hints import link_tabs
from bpstep.view.drawing.layout import cut, hairline
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.drawing.plots import Curve, Mark, draw_curves
from bpstep.view.drawing.roles import on_cursor_line
from bpstep.view.panes.decision import draw_decision
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.remarks import promise_and_outcome

__all__ = ["PARTS", "Look", "draw", "draw_moments", "epochs_done", "moments_of", "parts_of"]


_NO_NUMBER = "There is no number here that could be drawn."
#: What the run of before the last change is called on the plot.
_BEFORE = "before"


@dataclass(frozen=True)
class Look:
    """How the view is looked at: which part of it, on which scale, and the epoch (from 0) that is chosen."""

    part: str = "loss"
    log: bool = True
    epoch: int | None = None


def epochs_done(run: Run) -> int:
    """The whole epochs that were computed."""
    return run.trained // run.timeline.batches_per_epoch


def parts_of(session: Session) -> list[str]:
    """The parts that this scenario has."""
    problem = session.setup.problem
    is_plane = isinstance(problem, NetworkSpec) and len(problem.inputs) == 2
    return [name for name in PARTS if name != "decision" or is_plane]


def draw(
    session: Session, width: int, height: int, look: Look | None = None, *, keys: str = "Tab next · l close"
) -> Canvas:
    """One part of the view, with its name among the others in the title; ``keys`` is what can be done with it."""
    look, parts = look or Look(), parts_of(session)
    if look.part not in parts:  # it was chosen for another scenario
        look = replace(look, part=parts[0])
    canvas = Canvas(width, height)
    names = [[(name, "strong" if name == look.part else "dim")] for name in parts]
    hairline(canvas, 0, 0, width, *names, right=[(keys, "dim")] if keys else ())
    link_tabs(canvas, parts)
    if session.position:
        session.run.batch(session.moment.place.batch)  # what the cursor has passed is done, looked at or not
    nothing = _nothing_to_draw(session)
    if not nothing:
        PARTS[look.part](session, canvas, look)
    for y, line in enumerate(wrap(nothing, max(1, width - 3)), 2):
        canvas.put(2, y, line, "text")
    return canvas


def _nothing_to_draw(session: Session) -> str:
    """Why there is no curve; "" where there is one."""
    if not session.setup.graph.parameters:
        return "There are no parameters here: nothing can be trained, and no loss would fall."
    if epochs_done(session.run):
        return ""
    if not session.setup.updates:
        return "Nothing is trained: there is no learning rate (set lr = 0.1)."
    return "No epoch is finished yet: train, or step epoch, leads to the end of one."


def _epoch_now(session: Session, look: Look) -> int:
    """The epoch that is marked, from 0: the one that is chosen, or that of the cursor."""
    last = epochs_done(session.run) - 1
    at = session.moment.place.epoch if look.epoch is None else look.epoch
    return max(0, min(at, last))


def _epochs(done: int, most: int) -> list[int]:
    """At most so many epochs, evenly spread, the first and the last among them."""
    if done <= most:
        return list(range(done))
    return sorted({round(k * (done - 1) / (most - 1)) for k in range(most)})


# --- loss ---------------------------------------------------------------------------------------------


def _loss(session: Session, canvas: Canvas, look: Look) -> None:
    runs = {name: (run, "param") for name, run in session.runs.items()}
    before = session.before
    # A fork keeps the run of before under a name of its own.
    if before is not None and all(kept.run.edits != before.edits for kept in session.branches.values()):
        runs[_BEFORE] = (session.seen(before, session.position), "dim")
    runs.pop(session.branch)
    runs[session.branch] = (session.run, "value")
    curves = []
    for name, (run, role) in runs.items():
        epochs = _epochs(epochs_done(run), canvas.width * 2)
        curves.append(Curve(name, [(epoch + 1, run.epoch_loss(epoch)) for epoch in epochs], role))
    now = _epoch_now(session, look)
    numbers = NumberFormat(session.options.digits)
    value = session.run.epoch_loss(now)
    label = f"epoch {group(now + 1)}   loss {numbers.bare(value)}"
    first, last = session.run.epoch_loss(0), session.run.epoch_loss(epochs_done(session.run) - 1)
    text = (
        f"loss {numbers.bare(first)} → {numbers.bare(last)} in {counted(epochs_done(session.run), 'epoch')}."
    )
    room = max(1, canvas.width - 3)
    below = [(line, "text") for line in wrap(text, room)]
    below += [(line, "dim") for line in wrap(_of_update(session, now), room)]
    others = {name: run for name, (run, _) in runs.items() if run is not session.run}
    beside = [text for name, run in others.items() if (text := _beside(session, name, run, now))]
    below += [(line, "text") for text in beside[-2:] for line in wrap(text, room)]
    _draw_curves(canvas, curves, look.log, Mark(now + 1, value, label), names=len(runs) > 1, below=below)


def _beside(session: Session, name: str, other: Run, epoch: int) -> str:
    """Another run in the same epoch: its loss, and how far its gradient is turned from this run's; "" before it got
    there."""
    if epoch >= epochs_done(other):
        return ""
    numbers = NumberFormat(session.options.digits)
    loss, own = other.epoch_loss(epoch), session.run.epoch_loss(epoch)
    text = f"Beside it in epoch {group(epoch + 1)}, {name}: loss {numbers.bare(loss)}"
    if loss == own:
        return f"{text}, the same."
    batch = (epoch + 1) * session.run.timeline.batches_per_epoch - 1
    turns = gradient_turns(session.run, other, batch)
    if not turns or turns[-1].degrees is None:
        return f"{text}."
    if not turns[-1].is_turned:
        return f"{text}; the gradients of the two have one direction."
    return f"{text}; the gradients of the two are {turns[-1].degrees:.3g}° apart."


def _of_update(session: Session, epoch: int) -> str:
    """What the gradient promised of the epoch's last update, and what became of it."""
    run = session.run
    batch = (epoch + 1) * run.timeline.batches_per_epoch - 1
    if not run.setup_of(batch).updates:
        return ""
    told = promise_and_outcome(Frame.of(session), batch)
    return f"The update at ◆: {told}." if told else ""


# --- gradients ----------------------------------------------------------------------------------------


def _gradients(session: Session, canvas: Canvas, look: Look) -> None:
    run = session.run
    epochs = _epochs(epochs_done(run), 60)
    sizes: dict[str, list[tuple[int, float]]] = {}
    for epoch in epochs:
        for layer, size in layer_gradients(run, (epoch + 1) * run.timeline.batches_per_epoch - 1).items():
            sizes.setdefault(layer, []).append((epoch + 1, size))
    curves = [Curve(layer, points, "deriv") for layer, points in sizes.items()]
    now = _epoch_now(session, look)
    here = layer_gradients(run, (now + 1) * run.timeline.batches_per_epoch - 1)
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    if not curves:
        told = (
            "In forward mode nothing comes back: there are no gradients, only tangents (set mode = reverse)."
        )
        for y, line in enumerate(wrap(told, max(1, canvas.width - 3)), 2):
            canvas.put(2, y, line, "text")
        return
    gradient = s.derivative("w" if s.is_network else "x")
    told = f"root mean square of {gradient} in epoch {group(now + 1)}"
    if not here:  # this epoch was run in forward mode, others were not
        told = f"no gradients in epoch {group(now + 1)}, which was run in forward mode"
    text = ", ".join(f"{layer} {numbers.bare(size)}" for layer, size in here.items())
    text = f"{told}: {text}" if here else f"{told}."
    below = [(line, "text") for line in wrap(text, max(1, canvas.width - 3))]
    _draw_curves(canvas, curves, True, None, names=True, below=below)


def layer_gradients(run: Run, batch: int) -> dict[str, float]:
    """The root mean square of the weight gradients of each layer, after a batch."""
    numbers = run.numbers(batch)
    found = {}
    with np.errstate(all="ignore"):
        for vector in numbers.graph.parameters:
            d = numbers.d[vector.id]
            if d is not None and (vector.kind == "w" or not numbers.setup.is_network):
                found[vector.layer or vector.names[0]] = float(np.sqrt(np.mean(np.square(d))))
    return found


# --- curves -------------------------------------------------------------------------------------------


def _draw_curves(
    canvas: Canvas,
    curves: Sequence[Curve],
    log: bool,
    mark: Mark | None,
    *,
    names: bool,
    below: Sequence[tuple[str, str]],
) -> None:
    """Curves over the epochs, and the lines under them."""
    for y, (line, role) in enumerate(below, canvas.height - len(below)):
        canvas.put(2, y, line, role)
    rows = canvas.height - 4 - max(2, len(below))
    if not draw_curves(canvas, 2, rows, curves, log=log, mark=mark, names=names):
        values = [y for curve in curves for _, y in curve.points]
        nought = log and not any(values) and all(map(math.isfinite, values))
        told = "All numbers are 0, which has no place on a logarithmic scale." if nought else _NO_NUMBER
        canvas.put(2, 2, cut(told, canvas.width - 3), "dim")


# --- decision -----------------------------------------------------------------------------------------


def _decision(session: Session, canvas: Canvas, look: Look) -> None:
    draw_decision(session, canvas, _epoch_now(session, look))


# --- moments ------------------------------------------------------------------------------------------


def moments_of(session: Session) -> list[int]:
    """Epochs worth a look (from 0): the 1st, 2nd, 5th, 10th, ..., the one at hand, the last."""
    done = epochs_done(session.run)
    round_ones = [k * 10**power - 1 for power in range(8) for k in (1, 2, 5)]
    now = session.moment.place.epoch
    return sorted({epoch for epoch in (*round_ones, now, done - 1) if 0 <= epoch < done})


def draw_moments(session: Session, width: int, height: int, chosen: int | None) -> Canvas:
    """The list of moments, each with its loss."""
    canvas = Canvas(width, height)
    canvas.vline(0, 0, height - 1, "hairline")
    hairline(canvas, 1, 0, width - 1, [("moments", "strong")])
    canvas.put(5, 1, "   epoch   loss", "dim")
    numbers, now = NumberFormat(session.options.digits), session.moment.place.epoch
    shown = moments_of(session)
    for y, epoch in enumerate(shown[-(height - 12) :], 2):
        loss = numbers.bare(session.run.epoch_loss(epoch))
        note = "   now" if epoch == now else ""
        canvas.put(5, y, f"{group(epoch + 1):>8}   {loss}{note}", "text")
        if epoch == chosen:
            canvas.restyle(1, y, width - 1, on_cursor_line)
            canvas.put(2, y, "▶", "cursor")
    y = min(len(shown), height - 12) + 4
    for text in (
        "Any epoch can be opened",
        "and stepped through:",
        "↑ ↓    choose",
        "Enter  open its first step",
    ):
        canvas.put(2, y, text, "dim")
        y += 1
    return canvas


#: The parts of the view, by name.
PARTS: dict[str, Callable[[Session, Canvas, Look], None]] = {
    "loss": _loss,
    "gradients": _gradients,
    "decision": _decision,
}
