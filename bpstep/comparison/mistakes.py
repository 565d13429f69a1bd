"""What a mistake is: a row of the table, and the hypotheses that come from it.

A row says which stages of a pass it changes, and to what (`bpstep.comparison.twists`), where it makes sense, and in
one sentence what it is.  From a row come *hypotheses*: the mistake in all layers, in one layer, in the output
layer only; with each of its values (a factor 2, ½, m).  The rows are in `bpstep.comparison.table`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpstep.comparison.net import Net
from bpstep.comparison.population import Key, Program, Stage
from bpstep.comparison.twists import Value
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Change", "Hypothesis", "Mistake", "Part", "said_constant"]

Change = Callable[[Array, Stage, Value], Array]
Part = tuple[str, Change] | tuple[str, Change, Callable[[Net, int], Sequence[Key]]]
Whole = Callable[[Net], dict[Key, Array]]

#: The stages that a pass has once, and not in every layer.
_ONCE = ("targets", "seed", "cost slope")


@dataclass(frozen=True)
class Mistake:
    """A row.  ``says`` tells what is wrong, with ``{v}`` for the value; ``fits(net, layer)`` whether it makes
    sense there.

    ``values(net)`` are the values, each with its words; ``whole`` gives the numbers of a mistake that is no twist of
    single stages.
    """

    name: str
    says: str
    parts: tuple[Part, ...]
    fits: Callable[[Net, int], bool] = lambda net, layer: True
    values: Callable[[Net], Sequence[tuple[str, Value]]] = lambda net: [("", None)]
    source: str = ""
    whole: Whole | None = None

    @property
    def once(self) -> bool:
        """Whether it is about the pass as a whole, and not about layers."""
        return self.whole is not None or all(part[0] in _ONCE for part in self.parts)


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A mistake at a place.  ``layers`` are the numbers of the layers it is made in; () where it is no question of
    layers."""

    mistake: Mistake
    words: str
    value: Value
    layers: tuple[int, ...]
    everywhere: bool
    where: str
    program: Program

    @property
    def name(self) -> str:
        """The name of the row, with the value where it has several: ``times 2``."""
        return f"{self.mistake.name} {self.words}".strip()

    @property
    def says(self) -> str:
        """What it is, in a sentence without the place."""
        return self.mistake.says.format(v=self.words)

    @property
    def title(self) -> str:
        """Name and place: ``no-derivative, in layer hidden only``."""
        return f"{self.name}, {self.where}" if self.where else self.name


def said_constant(value: float, meanings: tuple[str, ...] = ()) -> str:
    """A factor in words: ``1/3 (1 / m, the samples)``."""
    text = f"{value:g}" if value < 0.0 or value >= 1.0 else f"1/{round(1.0 / value)}"
    return f"{text} ({'; '.join(meanings)})" if meanings else text
