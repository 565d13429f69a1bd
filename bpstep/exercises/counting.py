"""How much work it is: questions about the number of sweeps and multiplications, in a net that is drawn for them.

The net is a plain stack of layers without biases, whose sizes follow from the seed; it is described, not shown.  What
is counted is counted by `bpstep.engine.work`: one multiplication for every edge, from a weight to the net input that
it feeds, from there to the output, to each net input of the next layer, and from the outputs to the cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bpstep.engine.work import Work, work_of_layers
from bpstep.english import counted, listed
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade
from bpstep.lazily import dataclass

__all__ = ["COUNTS", "Stack", "drawn_stack", "grade_count"]

#: What can be asked for, and what a number of it is.
COUNTS = {
    "sweeps": "the sweeps of forward mode: one for each weight",
    "forward": "the multiplications of forward mode: a sweep for each weight, over every edge that it reaches",
    "reverse": "the multiplications of reverse mode: every edge once",
    "by-hand": "the multiplications path by path, each path from a weight to the cost on its own",
    "paths": "the number of paths from all weights to the cost",
}


@dataclass(frozen=True)
class Stack:
    """The sizes of a net: its inputs, then the neurons of each layer."""

    sizes: tuple[int, ...]

    @property
    def says(self) -> str:
        """The net in words."""
        inputs, *layers = self.sizes
        neurons = listed([str(size) for size in layers])
        edges = "weight to net input, net input to output, output to each net input behind it, output to cost"
        return f"The net: {counted(inputs, 'input')}, layers of {neurons}, no biases. The edges: {edges}."

    @property
    def counts(self) -> dict[str, int]:
        """Every count, by its name."""
        work: Work = work_of_layers(self.sizes)
        return {
            "sweeps": work.parameters, "forward": work.forward, "reverse": work.reverse,
            "by-hand": work.by_hand, "paths": work.paths,
        }  # fmt: skip

    def wrong(self, asked: str) -> dict[str, int]:
        """What is counted in place of what is asked, with what that is; none of them is the right number."""
        counts, (_, *layers) = self.counts, self.sizes
        found = {f"That is {says}.": counts[name] for name, says in COUNTS.items() if name != asked}
        found["That is the number of the neurons."] = sum(layers)
        if asked == "reverse":
            one_way = (
                "That is each weight once; on the way back it stands between two δ, and at its own gradient."
            )
            found[one_way] = counts["sweeps"]
        return {says: count for says, count in found.items() if count != counts[asked]}


def grade_count(text: str, right: int, wrong: Mapping[str, int]) -> Grade:
    """Grade a whole number; ``wrong`` are others with what is said of them."""
    word = text.strip()
    if not word.isascii() or not word.isdecimal() or len(word) > 9:
        return Grade(NOT_GRADED, ("Answer with a whole number, such as 12; this costs no try.",))
    count = int(word)
    if count == right:
        return Grade(CORRECT_ANSWER, ("right",), word, float(count))
    told = [says for says, number in wrong.items() if number == count]
    far = "That is too many." if count > right else "That is too few."
    return Grade(WRONG, (told[-1] if told else far,), word, float(count))


def drawn_stack(numbers: np.random.Generator) -> Stack:
    """A small net: 2 to 4 inputs, 2 to 4 hidden neurons, 1 or 2 outputs; no two counts of it are alike."""
    while True:
        sizes: Sequence[int] = [int(numbers.integers(low, high)) for low, high in ((2, 5), (2, 5), (1, 3))]
        found = Stack(tuple(sizes))
        if len(set(found.counts.values())) == len(found.counts):
            return found
