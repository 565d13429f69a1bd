"""The two rows at the top: what is open, and where in the run the cursor stands.

     bpstep  A 2-2-2 network, one training step              epoch 1 · sample 1 of 1 · η 0.5
     ▶ forward ━━━━━━━━━  ◀ backward ━━━━━━◆──────  Δ update ──────          step 34 of 59

The timeline has a segment for each phase of the sample at hand (and of the update that ends its batch), each as
long as its share of the steps, but never shorter than three cells; where there is no room for its name, its sign stands
alone.  What is done is heavy, in the hue of its phase; what is to come is light.
"""

from __future__ import annotations

from bpstep.engine.blocks import BACKWARD, FORWARD, UPDATE
from bpstep.engine.rules import CORRECT
from bpstep.engine.specs import Array, NetworkSpec
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import cut
from bpstep.view.drawing.numbers import MARKS, group, shortest
from bpstep.view.drawing.roles import PHASE_KINDS
from bpstep.view.scene.frame import Frame

__all__ = ["draw", "facts", "progress_line", "working_line"]

_SIGNS = {FORWARD: "▶", BACKWARD: "◀", UPDATE: "Δ"}
_SHORTEST = 3


def draw(frame: Frame, width: int, height: int = 2, *, epochs: bool = False) -> Canvas:
    """Title and timeline; with ``epochs`` it is one bar over the whole training."""
    canvas = Canvas(width, height)
    _draw_title(frame, canvas)
    if epochs:
        _draw_epochs(frame, canvas)
    else:
        _draw_timeline(frame, canvas)
    return canvas


def _draw_epochs(frame: Frame, canvas: Canvas) -> None:
    total, now = frame.run.timeline.epochs, frame.moment.place.epoch + 1
    count = f"epoch {group(now)} of {group(total)}"
    right = canvas.width - len(count) - 1
    canvas.put(right, 1, count, "strong")
    x = canvas.put(1, 1, "▶ ◀ Δ training ", "value-read")
    length = right - x - 2
    heavy = (length - 1) * frame.position // max(1, frame.length)
    canvas.put(x, 1, "━" * heavy, "value")
    canvas.put(x + heavy, 1, "◆", "value-read")
    canvas.put(x + heavy + 1, 1, "─" * (length - heavy - 1), "edge")
    canvas.link(x, 1, length, 1, lambda cell, _: f"goto {frame.length * cell // max(1, length - 1)}")


def progress_line(done: int, wanted: int, seconds: float, width: int) -> str:
    """How far training is: a bar, a count, epochs a second."""
    rate = f"{counted(round(done / seconds), 'epoch')}/s" if seconds > 0.0 else ""
    text = f"  {group(done)} of {group(wanted)}   {rate}   Esc stops, keeps them"
    room = max(4, min(30, width - len(text) - 10))
    heavy = room * done // max(1, wanted)
    return f"training {'━' * heavy}{'─' * (room - heavy)}{text}"


def working_line(what: str, done: int, of: int, width: int, key: str) -> str:
    """How far a long command is, and the key that stops it."""
    text = f"  {what} {group(done)} of {group(of)}   {key} stops it"
    room = max(4, min(30, width - len(text)))
    heavy = room * done // max(1, of)
    return f"{'━' * heavy}{'─' * (room - heavy)}{text}"


def _draw_title(frame: Frame, canvas: Canvas) -> None:
    tutor = frame.session.tutor
    told = tutor.score if tutor is not None and tutor.score else facts(frame, short=canvas.width < 100)
    at = canvas.put(1, 0, "bpstep", "brand")
    told = cut(told, canvas.width - at - 4)
    right = canvas.width - len(told) - 1
    canvas.put(
        at + 2, 0, cut(frame.symbols.glyphs.spell(frame.session.scenario.title), right - at - 4), "title"
    )
    canvas.put(right, 0, told, "dim")


def _given(value: float | Array) -> str:
    """A number, or of an array its shape."""
    return f"= {shortest(value)}" if isinstance(value, float) else f"({'×'.join(map(str, value.shape))})"


def facts(frame: Frame, *, short: bool) -> str:
    """The rule, epoch, sample and learning rate; of an expression, the rule and its inputs."""
    problem = frame.setup.problem
    moment = frame.moment
    begin = [*_yours(frame), *_rule(frame)]
    if not isinstance(problem, NetworkSpec):
        pairs = zip(problem.inputs, problem.values, strict=True)
        text = " · ".join(f"{name} {_given(value)}" for name, value in list(pairs)[:4])
        return " · ".join([*begin, text + (" …" if len(problem.inputs) > 4 else "")])
    timeline = frame.run.timeline
    sample = moment.batch.numbers.rows[moment.place.sample] + 1
    epoch = f"epoch {group(moment.place.epoch + 1)}"
    if timeline.epochs > 1:
        epoch += f" of {group(timeline.epochs)}" if not short else f"/{group(timeline.epochs)}"
    parts = [
        *begin,
        *([f"∂ by {frame.symbols(frame.setup.wrt)}"] if frame.setup.wrt is not None else []),
        epoch,
        f"sample {sample}/{timeline.samples}" if short else f"sample {sample} of {timeline.samples}",
    ]
    if frame.setup.training.learning_rate is not None:
        parts.append(f"{frame.symbols.notation.rate} {shortest(frame.moment.rate)}")
    return " · ".join(parts)


def _rule(frame: Frame) -> list[str]:
    """The rule, where it is not the right one; a question that is about it keeps it to itself."""
    rule = frame.setup.rule
    if rule is CORRECT and not frame.conceals:
        return []
    return [f"rule {'?' if frame.conceals else rule.name}"]


def _yours(frame: Frame) -> list[str]:
    """How many of a learner's numbers disagree with those of this batch."""
    if frame.marks is None or not frame.yours:
        return []
    report = frame.marks.report
    sign = MARKS["agrees" if report.ok else "disagrees"]
    return [f"{sign} {group(report.read if report.ok else report.wrong)} of {group(report.read)}"]


@dataclass(frozen=True)
class _Segment:
    """A phase of the sample at hand: its first step (0-based) and its length."""

    phase: str
    first: int
    length: int


def _segments(frame: Frame) -> list[_Segment]:
    """The phases of this sample, and of the batch's tail, in order."""
    place = frame.moment.place
    plan = place.schedule
    base = place.sample_base
    found: list[_Segment] = []
    sections = [(base, plan.sample)]
    if place.sample == plan.samples - 1:
        sections.append((place.tail_base, plan.tail))
    for start, section in sections:
        for block in section.blocks:
            if found and found[-1].phase == block.phase:
                last = found.pop()
                found.append(_Segment(last.phase, last.first, last.length + block.length))
            else:
                found.append(_Segment(block.phase, start + block.first, block.length))
    return found


def _draw_timeline(frame: Frame, canvas: Canvas) -> None:
    count = f"step {group(frame.position)} of {group(frame.length)}"
    right = canvas.width - len(count) - 1
    canvas.put(right, 1, count, "strong")
    segments = _segments(frame)
    widest = len(count) - len(group(frame.position)) + len(group(frame.length))  # so that no segment moves
    room = canvas.width - widest - 4 - 2 * (len(segments) - 1)
    named = [_head(segment) for segment in segments]
    signed = [f"{_SIGNS[segment.phase]} " for segment in segments]
    heads = named if room - sum(map(len, named)) >= _SHORTEST * len(segments) else signed
    x = 1
    lengths = _lengths(segments, room - sum(map(len, heads)))
    for segment, head, length in zip(segments, heads, lengths, strict=True):
        x = _draw_segment(frame, canvas, x, segment, head, length) + 2


def _head(segment: _Segment) -> str:
    return f"{_SIGNS[segment.phase]} {segment.phase} "


def _lengths(segments: list[_Segment], room: int) -> list[int]:
    """The cells of each segment: in proportion to its steps, but never under three."""
    total = sum(segment.length for segment in segments)
    spare = max(0, room - _SHORTEST * len(segments))
    made = [_SHORTEST + spare * segment.length // total for segment in segments]
    if room > sum(made):
        made[-1] += min(2, room - sum(made))
    return made


def _draw_segment(frame: Frame, canvas: Canvas, x: int, segment: _Segment, head: str, length: int) -> int:
    position = frame.position
    last = segment.first + segment.length
    running = segment.first < position <= last
    kind = PHASE_KINDS[segment.phase]
    done = position > segment.first
    role = f"{kind}-read" if running else kind if done else "dim"
    canvas.put(x, 1, head, role)
    canvas.link(x, 1, len(head), 1, f"goto {segment.first + 1}")
    x += len(head)
    # The first step at which the cursor stands in this cell, or behind it where there are fewer steps than cells.
    each = length - 1
    canvas.link(
        x, 1, length, 1, lambda cell, _: f"goto {segment.first + max(1, -(-cell * segment.length // each))}"
    )
    steps = min(segment.length, max(0, position - segment.first))
    heavy = length if position >= last and not running else steps * (length - 1) // segment.length
    canvas.put(x, 1, "━" * heavy, kind)
    canvas.put(x + heavy, 1, "─" * (length - heavy), "edge")
    if running:
        canvas.put(x + min(heavy, length - 1), 1, "◆", f"{kind}-read")
    return x + length
