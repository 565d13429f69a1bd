"""Views that are lines of text, whatever the room: the work that a net takes, the check of its gradients, two rules.

What takes long to load or to compute is loaded where it is asked for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session

if TYPE_CHECKING:
    from bpstep.engine.graph import Graph
    from bpstep.engine.work import Work

__all__ = ["check", "diff", "work"]

Lines = list[tuple[str, str]]


@lru_cache(maxsize=4)
def _counted(graph: Graph) -> Work:
    """The counts of a graph, which stay the same for the whole run."""
    from bpstep.engine.work import work_of

    return work_of(graph)


def work(session: Session, width: int) -> Lines:
    """The work of one step of training, path by path and in one sweep."""
    from bpstep.view.panes.work import work_lines

    return work_lines(session.setup.problem, _counted(session.setup.graph), width)


def check(session: Session, width: int) -> Lines:
    """The gradients of this batch by three ways."""
    from bpstep.debugger.gradients import gradients_checked
    from bpstep.view.panes.compare import LEAST_DIGITS, check_lines

    try:
        rows = gradients_checked(session.moment, report=session.report)
    except CommandError as error:
        return [(error.message, "dim")]
    return check_lines(rows, max(LEAST_DIGITS, session.options.digits))


def diff(session: Session, width: int) -> Lines:
    """The wrong rule and the right one, where they first differ, and by how much."""
    from bpstep.debugger.gradients import rules_compared
    from bpstep.view.panes.compare import LEAST_DIGITS, diff_lines

    twin = session.twin
    if twin is None:
        return [("nothing stands beside the right rule: diff RULE, or set rule = NAME", "dim")]
    rule = session.compared_with or session.setup.rule
    batch = session.moment.place.batch if session.position else 0
    found = rules_compared(session, rule, batch)
    return diff_lines(session, found, max(LEAST_DIGITS, session.options.digits))
