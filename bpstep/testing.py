"""For tests: gradients that a program has worked out are held to the right ones.

    from bpstep.testing import assert_gradients

    def test_my_backward_pass():
        grads = backward(...)                            # {"dW1": array, "db1": array, ...}
        assert_gradients("mazur-2-2-2", grads)

Where they are wrong the message of the failure is the report of `bpstep compare`: the first wrong number, and the
mistake that makes them all.

    >>> assert_gradients("mazur-2-2-2", {"d(b[o1])": 0.277})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    AssertionError: 1 number read: 0 agree, 1 does not (rounded to 3 digits; ...
"""

from __future__ import annotations

from bpstep.library.comparing import Numbers, compare
from bpstep.library.opening import load
from bpstep.library.run import Run

__all__ = ["assert_gradients"]


def assert_gradients(
    run: Run | str, numbers: Numbers, *, layout: str = "", relative: float | None = None
) -> None:
    """Raise `AssertionError`, with the report, if a number is wrong, or if one of the names fits nothing.

    ``run`` is a run (`bpstep.load`, `bpstep.network`) or what `bpstep.load` takes; ``numbers`` and the rest are what
    `bpstep.compare` takes: gradients, or any other numbers of the pass in which the run stands.
    """
    __tracebackhide__ = True  # pytest shows the line of the test, not this one
    report = compare(load(run) if isinstance(run, str) else run, numbers, layout=layout, relative=relative)
    if isinstance(run, str) and "\n" not in run:
        report._shows = f"bpstep.load({run!r})"
    if not report.ok or report.unread:
        raise AssertionError(str(report))
