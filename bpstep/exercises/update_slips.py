"""The slips around an update: the share of a sample, the gradient of a batch, an optimizer's memory, the step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.optimizers import Optimizer
from bpstep.engine.steps import Step
from bpstep.english import group
from bpstep.exercises.slip import Slip

__all__ = ["of_batch", "of_seed", "of_state", "of_update"]


def of_seed(session: Session) -> Iterator[Slip]:
    """Where the way back of one sample of a mean begins."""
    samples = session.moment.batch.numbers.samples
    if samples > 1:
        yield Slip(
            "1",
            f"That is where the way back of one cost alone begins; the loss is the mean of {group(samples)}.",
        )
        yield Slip(
            f"{samples}", f"That is the number of the samples; each has 1/{samples} of a say in their mean."
        )


def of_batch(session: Session, steps: Sequence[Step]) -> Iterator[Slip]:
    """The gradient of a batch: a contribution a sample, for which the cells stand for the last sample only; and one of
    l2, if there is a penalty, which no sample has a share of."""
    value, count = steps[-1].value, len(steps)
    if count == session.moment.batch.numbers.samples:
        yield from _of_share(session, value, count)
    for place, step in enumerate(steps, 1):
        if step.product is not None:
            says = f"That is contribution {place} of {count} alone; all of them add up."
            yield Slip(repr(step.product), says)


def _of_share(session: Session, value: float, count: int) -> Iterator[Slip]:
    """The sum of the samples' gradients for their mean, or the other way round."""
    if session.setup.training.reduction == "mean":
        says = f"That is the sum of the {count} samples' own gradients; the loss is their mean."
        yield Slip(repr(value * count), says)
        yield Slip(repr(value / count), f"That divides by {count} once more; each share is divided already.")
    else:
        says = f"That is the mean of the {count} samples' gradients; here they are summed."
        yield Slip(repr(value / count), says)


def of_state(optimizer: Optimizer, cell: Cell) -> Iterator[Slip]:
    """What an optimizer remembers: its decay and its share mixed up, or the gradient itself."""
    yield Slip(f"d({cell.of})", "That is the gradient itself; the memory takes in a share of it.")
    name, of = cell.kind, cell.of
    kept, added = optimizer.state_texts[optimizer.states.index(name)]
    cells_of = {"g": f"d({of})", **{state: f"{state}({of})" for state in optimizer.states}}
    names = {**{setting: setting for setting in optimizer.defaults}, **cells_of}
    rate = next((setting for setting in optimizer.defaults if f"{{{setting}}} *" in kept), None)
    if rate is None:
        return
    share = f"(1 - {{{rate}}})"
    if share not in added:
        says = "That lets the gradient fade; it is the old memory that fades."
        yield Slip(f"{{{rate}}} * {added}".format(**names), says)
        says = "That takes in a share of the gradient, as Adam does; this memory takes in the whole of it."
        yield Slip(f"{share} * {added}".format(**names), says)
        return
    says = f"That takes in {rate} of the new gradient; {rate} is the share of the old memory that stays."
    yield Slip(added.replace(share, f"{{{rate}}}").format(**names), says)
    if optimizer.is_of_squares(name):
        says = f"That takes in the gradient; {name} takes in its square."
        yield Slip(added.replace("{g}^2", "{g}").format(**names), says)


def of_update(optimizer: Optimizer, cell: Cell, step: Step) -> Iterator[Slip]:
    """A parameter after its update: not moved, moved the wrong way or too far, or the step alone."""
    gradient = f"d({cell})"
    yield Slip(str(cell), "That is where it was; the update moves it.")
    yield Slip(f"{cell} + lr * {gradient}", "That goes up the slope: the update subtracts.")
    yield Slip(f"{cell} - {gradient}", "That leaves out the learning rate.")
    yield Slip(f"lr * {gradient}", "That is the size of the step; where does the parameter come to with it?")
    yield Slip(
        f"lr * {gradient} - {cell}", "That subtracts the old value from the step; it is the other way round."
    )
    remembered = [factor.cell.kind for factor in step.inputs if factor.cell.kind in optimizer.states]
    if remembered:
        says = "That goes by the gradient itself; this optimizer goes by what it remembers."
        yield Slip(f"{cell} - lr * {gradient}", says)
        first = remembered[0]
        says = f"That goes by the memory {first} as it is, without its corrections."
        yield Slip(f"{cell} - lr * {first}({cell})", says)
