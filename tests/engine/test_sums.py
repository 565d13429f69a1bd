"""Sums are added up in order, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.engine.sums import ordered_sum, running_sum


@given(st.integers(1, 40), st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_ordered_sum_is_the_running_sum(count: int, samples: int, cells: int, seed: int) -> None:
    terms = np.random.default_rng(seed).normal(0, 10, (count, samples, cells)) ** 5
    for array in (
        terms,
        np.ascontiguousarray(terms.transpose(0, 2, 1)),
        terms[:, :, ::2],
        terms.transpose(0, 2, 1),
    ):
        expected = array[0].copy()
        for term in array[1:]:
            expected = expected + term
        assert np.array_equal(
            ordered_sum(array).view(np.int64), np.ascontiguousarray(expected).view(np.int64)
        )
        assert np.array_equal(running_sum(array)[-1], expected)


@pytest.mark.parametrize("count", [1, 2, 100])
@pytest.mark.parametrize("cells", [1, 2, 3])
def test_a_sum_of_negative_zeros_is_negative(count: int, cells: int) -> None:
    assert np.signbit(ordered_sum(np.full((count, cells), -0.0))).all()


def test_pairwise_addition_would_be_noticed() -> None:
    """NumPy's own sum gives other bits for these numbers; if it did not, the test above would prove nothing."""
    terms = np.random.default_rng(1).normal(0, 1, (1000, 1))
    assert ordered_sum(terms)[0] != np.sum(terms)
