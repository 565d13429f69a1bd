"""Who plays the cases: this process, or several at a time."""

from __future__ import annotations

import os
import resource
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz.case import Case, Finding
from tests.fuzz.families import FAMILIES

__all__ = ["Plan", "Played", "played"]

#: Family, number and seed of a case.
Plan = tuple[str, int, int]
#: Its family, how many inputs it had, the longest wait, and what was found.
Played = tuple[str, int, float, list[Finding]]

#: The cases that a worker takes at a time, after how many of these it is replaced, and the memory that it may use.
_CHUNK, _MOST_CHUNKS, _MEMORY = 20, 40, 6 * 2**30


def played(planned: Sequence[Plan], jobs: int) -> Iterator[Played]:
    """The cases, one after the other, in the order of the plan."""
    if jobs == 1 or len(planned) == 1:
        _prepare()
        yield from map(_play, planned)
        return
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the jobs are what uses the processors
    chunks = [planned[k : k + _CHUNK] for k in range(0, len(planned), _CHUNK)]
    # Not an executor: one that replaces its workers may wait for ever when all of them end at once (CPython 115634).
    with get_context("spawn").Pool(jobs, initializer=_prepare, maxtasksperchild=_MOST_CHUNKS) as pool:
        for chunk in pool.imap(_play_all, chunks):
            yield from chunk


def _prepare() -> None:
    """What a worker needs: nobody's files, not all the memory, and faults and warnings that are raised, not told."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("error", RuntimeWarning)
    os.environ["BPSTEP_RAISE"] = "1"
    os.environ["COLUMNS"], os.environ["LINES"] = "80", "24"


def _play_all(chunk: list[Plan]) -> list[Played]:
    return [_play(plan) for plan in chunk]


def _play(plan: Plan) -> Played:
    name, number, seed = plan
    with tempfile.TemporaryDirectory(prefix="bpstep-fuzz-") as folder:
        os.environ["BPSTEP_STATE"] = str(Path(folder) / "state")
        work = Path(folder) / "work"
        work.mkdir()
        os.chdir(work)
        case = Case(name, number, seed, work)
        case.carry_out(FAMILIES[name].play)
        os.chdir("/")
    return name, case.inputs, case.longest, case.findings
