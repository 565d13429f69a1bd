"""The progress file holds what it promises: two programs at once, a full disk, a kill at any moment."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from bpstep.exercises.progress import recorded
from bpstep.exercises.record import Record
from bpstep.exercises.store import Store


def add(store: Store, name: str, text: str) -> None:
    event = {"what": "answer", "answer": text, "verdict": "wrong", "seed": 1}
    store.change(lambda document: recorded(document, name, 0, event, varies=False))


def answers(path: Path, name: str) -> list[str]:
    events: list[dict[str, Any]] = Store(path).read()["exercises"][name]["items"]["0"]["events"]
    return [event["answer"] for event in events]


def _many(path: str, name: str, together: Barrier) -> None:
    together.wait()
    for number in range(30):
        add(Store(Path(path)), name, str(number))


def test_two_programs_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2)
    both = [context.Process(target=_many, args=(str(path), name, together)) for name in ("a", "b")]
    for one in both:
        one.start()
    while any(one.is_alive() for one in both):
        if path.exists():
            assert json.loads(path.read_text("utf-8"))["learner"] >= 0, "it is never seen half written"
    for one in both:
        one.join(60)
    for name in ("a", "b"):
        assert answers(path, name) == [str(number) for number in range(30)]
    assert [p.name for p in path.parent.iterdir() if not p.name.endswith(".lock")] == ["progress.json"]


#: Writes answers for ever, and says which it has written.
_WRITER = """
import sys
from pathlib import Path
from tests.exercises.test_store import add
from bpstep.exercises.store import Store
store = Store(Path(sys.argv[1]))
for number in range(90):
    add(store, "a", str(number))
    print(number, flush=True)
"""


def test_who_is_killed_at_any_moment_has_lost_nothing_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    for moment in (0, 5):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(moment + 1)]
        os.kill(writer.pid, signal.SIGKILL)
        seen += [int(line) for line in writer.stdout.read().split()]
        writer.stdout.close()
        writer.wait()
        begun = time.monotonic()
        add(Store(path), "b", "next")
        assert time.monotonic() - begun < 5, "nobody waits for the lock of a program that is gone"
        assert answers(path, "a")[: len(seen)] == [str(number) for number in seen]
        assert json.loads(path.read_text("utf-8"))["format"] == "bpstep-progress"
        assert not list(tmp_path.glob(".progress-*")), "what was half written is swept away"


def _with_a_full_disk(path: Path, change: str) -> str:
    """What a program says that may write no more than a few bytes."""
    code = (
        "import resource, signal; from pathlib import Path\n"
        "from tests.exercises.test_store import add\n"
        "from bpstep.exercises.store import Store; from bpstep.exercises.progress import ProgressError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
        f"try: {change}\nexcept ProgressError as error: print(error.message)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on the size of files here")
def test_a_full_disk_is_one_line_and_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    add(Store(path), "a", "kept")
    before = path.read_bytes()
    said = _with_a_full_disk(path, f"add(Store(Path({str(path)!r})), 'a', 'lost')")
    assert said.count("\n") == 1
    assert "File too large" in said
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if not p.name.endswith(".lock")] == ["progress.json"]


class _Failing(Store):
    """A store whose disk is full for a while."""

    full = True

    def _write(self, document: dict[str, Any]) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super()._write(document)


def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    store = _Failing(tmp_path / "progress.json")
    record = Record(store)
    learner = record.read()["learner"]
    for number in range(3):
        event = {"what": "answer", "answer": str(number), "verdict": "wrong", "seed": 1}
        record.keep(lambda document, event=event: recorded(document, "a", 0, event, varies=False))
    assert "No space left" in record.trouble
    assert record.read()["exercises"]["a"]["items"]["0"]["tries"] == 3
    assert not store.path.exists()
    store.full = False
    record.keep(lambda document: None)
    assert answers(store.path, "a") == ["0", "1", "2"]
    assert Store(store.path).read()["exercises"]["a"]["count"] == 3
    assert record.read()["learner"] == Record(store).read()["learner"] == learner


def test_a_folder_that_can_only_be_read_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    record = Record(Store(tmp_path / "file" / "progress.json"))
    first = record.read()
    assert "Progress is not kept" in record.trouble
    record.trouble = ""
    record.keep(lambda document: document["exercises"].update(a={}))
    assert record.trouble == ""
    assert record.read() == {**first, "exercises": {"a": {}}}
