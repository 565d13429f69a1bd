"""Benchmark of keys: from a key to its last painted byte, beside the smallest app, at three sizes.

    .venv/bin/python tests/bench/keystrokes.py [80x24] [120x40] [200x60]

Every scene is a program of its own that stays open; the scenes and the smallest app of the same size take turns, some
keys each, because a machine's speed drifts.  A key while the program plays has no last byte: there it is the time until
what the key changes has been painted.
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rows import Row, milliseconds, p95, table, without_story
from terminal import Terminal

__all__ = ["key_rows"]

HERE = Path(__file__).parent
SIZES = ((80, 24), (120, 40), (200, 60))
#: So often the scenes take turns, with so many keys each.
TURNS, KEYS = 6, 10
#: A key may take so many seconds, and so many times as long as that of the smallest app.
MOST, TIMES = 0.016, 4.0

RIGHT, DOWN, UP = b"\x1b[C", b"\x1b[B", b"\x1b[A"


@dataclass
class Scene:
    """A program at work: the keys that prepare it, those that are timed, and where each says that it is painted."""

    name: str
    argv: list[str]
    before: tuple[bytes, ...]
    #: Keys, each with the text that it brings ("" where the last byte is waited for).
    keys: tuple[tuple[bytes, bytes], ...] = ((RIGHT, b""),)
    #: The key that sets it going, and that lets it rest while another has its turn.
    toggle: bytes = b""
    seconds: list[float] = field(default_factory=list)
    #: The processor time of its keys in all: on a machine that others use, too, it says more than the clock.
    spent: float = 0.0

    def opened(self, size: tuple[int, int]) -> Terminal:
        """The program, ready for the first key that is timed."""
        terminal = Terminal(self.argv, size)
        terminal.until(b"step 0 of")
        terminal.quiet(0.5)
        for text in self.before:
            terminal.key(text)
            terminal.quiet(0.4, most=1.0)
        return terminal

    def turn(self, terminal: Terminal) -> list[float]:
        """Press some keys; for each the seconds until it was painted."""
        if self.toggle:
            os.write(terminal.handle, self.toggle)
            terminal.quiet(0.3, most=0.3)
        keys = itertools.islice(itertools.cycle(self.keys), KEYS)
        found = [terminal.key_until(*key) if key[1] else terminal.key(key[0]) for key in keys]
        if self.toggle:
            os.write(terminal.handle, self.toggle)
            terminal.quiet()
        return found


def scenes(folder: Path) -> list[Scene]:
    """What is timed, the smallest app first."""
    own = [sys.executable, "-m", "bpstep"]
    tiny, deep = without_story("mazur-2-2-2", folder), without_story("deep-784-128-10", folder)
    long = folder / "long.toml"
    text = tiny.read_text(encoding="utf-8")
    long.write_text(text.replace("[training]", "[training]\nepochs = 5000", 1), encoding="utf-8")
    play = ((b"-", b"500 steps"), (b"+", b"1 000 steps"))
    return [
        Scene("smallest app", [sys.executable, str(HERE / "smallest_app.py")], ()),
        Scene("2-2-2", [*own, str(long)], ()),
        Scene("784-128-10 at step 103 440", [*own, str(deep)], (b"g", b"103440\r")),
        Scene("a row of the open why tree", [*own, str(tiny)], (b"g", b"34\r", b"w"), ((DOWN, b""), (UP, b""))),
        Scene("playing 2-2-2 at full speed", [*own, str(long)], (b":", b"play 1000\r", b" "), play, b" "),
        Scene("playing 784-128-10 at full speed", [*own, str(deep)], (b":", b"play 1000\r", b" "), play, b" "),
    ]  # fmt: skip


def measured(size: tuple[int, int], folder: Path) -> list[Scene]:
    """All scenes at a size, with the seconds of their keys."""
    found = scenes(folder)
    terminals = [scene.opened(size) for scene in found]
    try:
        for number in range(TURNS + 1):
            for scene, terminal in zip(found, terminals, strict=True):
                before, seconds = terminal.spent(), scene.turn(terminal)
                if number:  # the first turn warms up
                    scene.seconds += seconds
                    scene.spent += terminal.spent() - before
    finally:
        for terminal in terminals:
            terminal.close()
    return found


def key_rows(folder: Path, sizes: Sequence[tuple[int, int]] = SIZES) -> list[Row]:
    """Rows for each scene and size: median and 95th percentile of the time, and the processor time."""
    rows = []
    for size in sizes:
        small, *own = measured(size, folder)
        peer = p95(small.seconds)
        for scene in own:
            ours = p95(scene.seconds)
            rows.append(Row(
                f"key, {size[0]}×{size[1]}, {scene.name}", both(scene.seconds), both(small.seconds),
                f"{ours / peer:.2f}", f"{MOST * 1000:.0f} ms, {TIMES:.0f}×", ours <= MOST and ours <= TIMES * peer,
            ))  # fmt: skip
            if not scene.toggle and small.spent:  # what plays works between its keys, too
                used, least = (one.spent / len(one.seconds) for one in (scene, small))
                rows.append(
                    Row("  its processor time", milliseconds(used), milliseconds(least), f"{used / least:.2f}",
                        f"{TIMES:.0f}×", used <= TIMES * least)
                )  # fmt: skip
    return rows


def both(seconds: list[float]) -> str:
    """Median and 95th percentile."""
    return f"{milliseconds(statistics.median(seconds))[:-3]} / {milliseconds(p95(seconds))}"


if __name__ == "__main__":
    sizes = tuple(size for size in SIZES if f"{size[0]}x{size[1]}" in sys.argv[1:]) or SIZES
    with tempfile.TemporaryDirectory() as where:
        print(table(key_rows(Path(where), sizes)))
