"""What the activation of a layer may be: the rows of the function table that are marked so, and softmax.

    >>> list(ACTIVATIONS)
    ['linear', 'sigmoid', 'tanh', 'relu', 'leaky-relu', 'softplus', 'softmax']
    >>> ACTIVATIONS["sigmoid"], ACTIVATIONS["softmax"]
    ('the logistic function', 'softmax')

It is a view of the function table and no table of its own: a row that is added there is an activation here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.softmax import SOFTMAX

__all__ = ["ACTIVATIONS"]


class _Activations(Mapping[str, str]):
    """By name, what each is called in words."""

    def __getitem__(self, name: str) -> str:
        if name == SOFTMAX:
            return SOFTMAX
        row = FUNCTIONS[name]
        if not row.is_activation:
            raise KeyError(name)
        return row.says or row.name

    def __iter__(self) -> Iterator[str]:
        yield from (name for name, row in FUNCTIONS.items() if row.is_activation)
        yield SOFTMAX

    def __len__(self) -> int:
        return sum(1 for _ in self)


ACTIVATIONS: Mapping[str, str] = _Activations()
