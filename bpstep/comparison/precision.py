"""How exact a learner's numbers are, seen in the numbers themselves.

    0.0363503, 0.00877136, 0.4131          all of at most six digits: rounded, or printed and read again
    0.03635030642151833                     as many digits as a double has
    0.03635030686855316                     a double, but one that float32 has, too

By this it is decided how near is near enough: a relative difference of 1e-6 for doubles, of 1e-3 for what was
rounded or computed in float32, and half a unit of the last digit where that is more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.comparison.sheet import Mask
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Precision", "Tolerance", "precision_of"]

#: Numbers of more digits than this are not taken for rounded ones.
_MOST_DIGITS = 9
#: So few digits as this prove nothing unless so many numbers have no more.
_FEW_DIGITS, _ENOUGH = 3, 4

_DOUBLE, _ROUGH = 1e-6, 1e-3


@dataclass(frozen=True)
class Precision:
    """``kind`` is ``double``, ``float32``, ``digits`` (so many significant ones), ``decimals``, or ``mixed``: exact
    numbers beside some that are rounded to so many digits, as where a file comes from several hands."""

    kind: str
    count: int = 0

    @property
    def says(self) -> str:
        """In words."""
        if self.kind == "digits":
            return f"rounded to {self.count} digits"
        if self.kind == "mixed":
            return f"some rounded to {self.count} digits"
        return f"rounded to {self.count} decimals" if self.kind == "decimals" else self.kind

    @property
    def relative(self) -> float:
        """The relative difference that is let pass."""
        if self.kind in ("digits", "mixed"):
            return max(_ROUGH, 0.51 * 10.0 ** (1 - self.count))
        return _DOUBLE if self.kind == "double" else _ROUGH

    @property
    def absolute(self) -> float:
        """Half a unit of the last decimal."""
        return 0.51 * 10.0**-self.count if self.kind == "decimals" else 0.0


@dataclass(frozen=True)
class Tolerance:
    """How near is near enough: within ``relative`` of the larger number, or within ``absolute``.

    What is tiny beside its neighbours is the small rest of large numbers, and as inexact as they are: so a
    thousandth of ``relative`` of the largest number of the slot is let pass, too.
    """

    relative: float
    absolute: float = 0.0

    def agree(self, a: Array, b: Array, scale: float) -> Mask:
        """Where two arrays agree; ``scale`` is the largest of the right numbers of the slot."""
        with np.errstate(all="ignore"):
            bound = self.relative * np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-3 * scale) + self.absolute
            found: Mask = (np.abs(a - b) <= bound) & np.isfinite(a) & np.isfinite(b)
        return found


def precision_of(yours: Array, right: Array) -> Precision:
    """What some numbers have in common; ``right`` are those that should stand there.

    A number says something only where the right one has many digits: 0.5 for 0.5 is exact.

    >>> right = np.sin(np.arange(1.0, 9.0)) / 30
    >>> precision_of(np.array([float(f"{x:.6g}") for x in right]), right).says
    'rounded to 6 digits'
    >>> precision_of(np.round(right, 4), right).says
    'rounded to 4 decimals'
    >>> precision_of(right.astype(np.float32).astype(float), right).says
    'float32'
    >>> precision_of(right * 2, right).says
    'double'
    >>> precision_of(np.append(right[1:], round(right[0], 5)), np.append(right[1:], right[0])).says
    'some rounded to 4 digits'
    """
    telling = np.isfinite(yours) & (yours != np.rint(yours))
    numbers, beside = np.abs(yours[telling]), np.abs(right[telling])
    every = max(1, len(numbers) // 500)
    pairs = zip(numbers[::every].tolist(), beside[::every].tolist(), strict=True)
    telling_pairs = [(a, b) for a, b in pairs if not _has_digits(b, _MOST_DIGITS)]
    known = [a for a, _ in telling_pairs]
    if not known:
        return Precision("double")
    digits = next((k for k in range(1, _MOST_DIGITS) if all(_has_digits(x, k) for x in known)), 0)
    decimals = next((k for k in range(1, _MOST_DIGITS) if all(_has_decimals(x, k) for x in known)), 0)
    rounded = digits > 0 and _met(telling_pairs, f".{digits - 1}e") == len(known)
    if digits < _FEW_DIGITS and len(known) < _ENOUGH and not rounded:
        digits = decimals = 0
    if decimals and (
        not digits or _met(telling_pairs, f".{decimals}f") > _met(telling_pairs, f".{digits - 1}e")
    ):
        return Precision("decimals", decimals)
    if digits:
        return Precision("digits", digits)
    rounded_alone = [k for a, right in telling_pairs if (k := _rounded_to(a, right))]
    if rounded_alone:
        return Precision("mixed", min(rounded_alone))
    single = all(float(np.float32(x)) == x for x in known)
    return Precision("float32" if single else "double")


def _rounded_to(yours: float, right: float) -> int:
    """To so many digits a number is the right one, rounded; 0 where it is another one, or written in full."""
    digits = next((k for k in range(_FEW_DIGITS, _MOST_DIGITS - 2) if _has_digits(yours, k)), 0)
    return digits if digits and float(f"{right:.{digits - 1}e}") == yours else 0


def _met(pairs: Sequence[tuple[float, float]], form: str) -> int:
    """How many numbers are the right ones, rounded in this form."""
    return sum(float(format(right, form)) == yours for yours, right in pairs)


def _has_digits(number: float, digits: int) -> bool:
    return float(f"{number:.{digits - 1}e}") == number


def _has_decimals(number: float, decimals: int) -> bool:
    return float(f"{number:.{decimals}f}") == number
