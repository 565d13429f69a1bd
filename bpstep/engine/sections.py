"""Some steps of a section: where those of an op stand, and what they wrote, a piece at a time.

A section is the same for every sample of every batch, so what is asked of it for one batch will be asked for the next
one, too: which pieces hold the steps is looked up once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from bpstep.engine.blocks import Block, Counts, Piece, Section
from bpstep.engine.describe import Describer
from bpstep.engine.specs import Array

__all__ = ["op_offsets", "section_numbers"]

#: Which pieces hold so many steps of a section at most is remembered: the same are asked for at every batch.
_MOST_REMEMBERED = 4096


@lru_cache(maxsize=128)
def op_offsets(section: Section, op: str) -> Counts:
    """The offsets of the steps of an op in a section, ascending."""
    found = [np.empty(0, dtype=np.int64)]
    for block in section.blocks:
        for piece in block.pieces:
            columns = [k for k in range(piece.width) if piece.ops[k % piece.stride] == op]
            if columns:
                found.append(block.offsets(piece)[:, columns].ravel())
    return np.sort(np.concatenate(found))


def section_numbers(
    of_piece: Callable[[Describer, Block, Piece, int], Array | Counts],
    batch: Describer,
    section: Section,
    sample: int,
    offsets: Counts,
) -> Array:
    """`piece_values` or `piece_parts` of the steps at some offsets of a section, in one sample of the batch."""
    found = np.empty(section.length)
    for block, piece, places in _holding(section, offsets):
        found[places] = of_piece(batch, block, piece, sample)
    numbers: Array = found[offsets]
    return numbers


_Places = Sequence[tuple[Block, Piece, Counts]]


def _holding(section: Section, offsets: Counts) -> _Places:
    """The pieces that hold some of a section's steps, with the offsets of all of theirs."""
    few = len(offsets) <= _MOST_REMEMBERED
    return _remembered(section, offsets.tobytes()) if few else _pieces(section, offsets)


@lru_cache(maxsize=128)
def _remembered(section: Section, offsets: bytes) -> _Places:
    return _pieces(section, np.frombuffer(offsets, dtype=np.int64))


def _pieces(section: Section, offsets: Counts) -> _Places:
    wanted = np.zeros(section.length, dtype=bool)
    wanted[offsets] = True
    every = ((block, piece, block.offsets(piece)) for block in section.blocks for piece in block.pieces)
    return [one for one in every if wanted[one[2]].any()]
