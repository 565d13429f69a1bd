"""Which seeds a learner is given: they follow from the learner's number, so that work can be told from copied work.

The first variant of an exercise has the learner's own number as its seed, the next one goes on from there; two
learners get the same numbers hardly ever.  A seed may be asked for by name, too: then it is not one's own.
"""

from __future__ import annotations

from bpstep.exercises.kinds import KINDS
from bpstep.exercises.model import Exercise

__all__ = ["is_own", "matters", "seed_of"]

_SEEDS, _STRIDE = 10**6, 7919

#: Nobody begins an exercise more often than this; so hardly any other seed passes for one's own.
_MOST_BEGUN = 200


def seed_of(learner: int, begun: int) -> int:
    """The seed of the variant that a learner gets who has begun an exercise so often before."""
    return (learner + _STRIDE * begun) % _SEEDS


def is_own(seed: int, learner: int) -> bool:
    """Whether a learner may have been given this seed."""
    begun = (seed - learner) * pow(_STRIDE, -1, _SEEDS) % _SEEDS
    return 0 <= seed < _SEEDS and begun <= _MOST_BEGUN


def matters(exercise: Exercise, place: int) -> bool:
    """Whether another seed is another question: other numbers, another order, another rule."""
    return bool(exercise.vary) or KINDS[exercise.items[place].kind].is_drawn
