"""Benchmarks: speed and memory beside a peer, in one run.

    python3 -m venv .venv && .venv/bin/pip install '.[bench]' && .venv/bin/python tests/bench/run.py

It measures the installed program, whose modules are compiled, as its users have it.

Prints one table: what was measured, ours, the peer's, the ratio, and the bound.  Figures are medians (the 95th
percentile where it says so); ours and the peer's runs alternate, because a machine's speed drifts.  micrograd is
the peer of the arithmetic (``pip install '.[bench]'``).  PyTorch is a peer where it is installed: it is too large
to ask for.
"""

from __future__ import annotations

import importlib.util
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from array_rows import array_rows
from keystrokes import key_rows
from rows import Row, milliseconds, p95, table, without_story
from terminal import Terminal

HERE = Path(__file__).parent
PYTHON = sys.executable


def alternately(ours: Callable[[], float], peer: Callable[[], float], runs: int) -> tuple[float, float]:
    """Medians of two measurements that take turns, after a warm-up of each."""
    ours(), peer()
    pairs = [(ours(), peer()) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def seconds_of(*argv: str) -> float:
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def first_paint(*argv: str, marker: bytes = b"step 0 of") -> float:
    terminal = Terminal([PYTHON, *argv])
    try:
        return terminal.until(marker)
    finally:
        terminal.close()


def screen_rows(folder: Path) -> list[Row]:
    tiny, deep = without_story("mazur-2-2-2", folder), without_story("deep-784-128-10", folder)
    small = str(HERE / "smallest_app.py")
    rows = []
    built_in = ("-m", "bpstep", "mazur-2-2-2")  # its title is painted with its story
    ours, peer = alternately(lambda: first_paint(*built_in, marker=b"bpstep"), lambda: first_paint(small), 21)
    rows.append(compared("first paint, built-in 2-2-2 / smallest app", ours, peer, 1.3))
    ours, peer = alternately(lambda: first_paint("-m", "bpstep", str(tiny)), lambda: first_paint(small), 21)
    rows.append(compared("first paint, the same from a file", ours, peer, 1.3))
    ours, peer = alternately(lambda: first_paint("-m", "bpstep", str(deep)), lambda: first_paint(small), 5)
    rows.append(compared("first paint, 784-128-10 / smallest app", ours, peer, 2.5))
    on_deep, on_small = (Terminal([PYTHON, *argv]) for argv in (["-m", "bpstep", str(deep)], [small]))
    try:
        for terminal in (on_deep, on_small):
            terminal.until(b"step 0 of")
            terminal.quiet(0.5)
        resident = on_deep.resident()
        rows.append(Row("resident memory, 784-128-10", f"{resident:.0f} MB", f"{on_small.resident():.0f} MB",
                        f"{resident / on_small.resident():.2f}", "200 MB", resident < 200))  # fmt: skip
    finally:
        for terminal in (on_deep, on_small):
            terminal.close()
    return rows


def compared(what: str, ours: float, peer: float, bound: float) -> Row:
    ratio = ours / peer
    return Row(what, milliseconds(ours), milliseconds(peer), f"{ratio:.2f}", f"{bound}×", ratio <= bound)


def engine_rows() -> list[Row]:
    from bpstep.engine.run import Run
    from bpstep.scenario.loader import load

    scenario = load("deep-784-128-10")
    run = Run(scenario.problem, scenario.training)
    given = [array[:1] for array in run.given]
    from bpstep.engine.passes import compute

    def one_pass() -> float:
        start = time.perf_counter()
        compute(run.setup, run.rate_at(0, 0), (0,), run.history.snapshots[0].parameters, given)
        return time.perf_counter() - start

    ours = statistics.median(one_pass() for _ in range(20))
    try:
        from micrograd.nn import MLP
    except ImportError:
        return [
            Row("a pass of 784-128-10", milliseconds(ours), "micrograd is not installed", "", "50×", None)
        ]
    net = MLP(784, [128, 10])
    x = [float(v) for v in given[0][0]]
    start = time.perf_counter()
    outputs = net(x)
    sum((y - 0.5) ** 2 for y in outputs).backward()
    peer = time.perf_counter() - start
    return [Row("a pass of 784-128-10 / micrograd", milliseconds(ours), milliseconds(peer), f"1/{peer / ours:.0f}",
                "1/50", peer / ours >= 50)]  # fmt: skip


def trace_rows() -> list[Row]:
    def peak_and_seconds(epochs: int) -> tuple[float, float]:
        code = (
            "import resource, subprocess, sys, time; t = time.perf_counter();"
            f"subprocess.run([sys.executable, '-m', 'bpstep', 'trace', 'deep-784-128-10', '--epochs', '{epochs}'],"
            "stdout=subprocess.DEVNULL, check=True);"
            "print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
        )
        out = subprocess.run([PYTHON, "-c", code], check=True, capture_output=True, text=True).stdout.split()
        return float(out[0]), float(out[1])

    (one_seconds, one_peak), (_, two_peak) = peak_and_seconds(1), peak_and_seconds(2)
    rate = 307_035 / one_seconds
    return [
        Row("trace as JSON lines", f"{rate:,.0f} steps/s", "", "", "30,000 steps/s", rate >= 30_000),
        Row("trace's memory, two epochs / one", f"{two_peak:.0f} MB", f"{one_peak:.0f} MB",
            f"{two_peak / one_peak:.2f}", "constant", two_peak / one_peak < 1.1),
    ]  # fmt: skip


def training_rows(folder: Path) -> list[Row]:
    """20,000 epochs of XOR as whole processes, and what it takes to look at the run afterwards."""
    script = folder / "train.bps"
    script.write_text("load xor\ntrain 20000\n", encoding="utf-8")
    peers = str(HERE / "peers.py")
    ours, numpy = alternately(
        lambda: seconds_of(PYTHON, "-m", "bpstep", "replay", str(script)),
        lambda: seconds_of(PYTHON, peers, "numpy-xor", "20000"),
        5,
    )
    rows = [compared("20,000 epochs of XOR / hand-written NumPy", ours, numpy, 0.62)]
    with_micrograd = 10 * seconds_of(PYTHON, peers, "micrograd-xor", "2000")
    rows.append(Row("the same / micrograd (2,000 epochs × 10)", milliseconds(ours), milliseconds(with_micrograd),
                    f"1/{with_micrograd / ours:.1f}", "1/3", with_micrograd >= 3 * ours))  # fmt: skip
    if importlib.util.find_spec("torch"):
        start, part = (statistics.median(seconds_of(PYTHON, peers, "torch-xor", n) for _ in range(3))
                       for n in ("0", "2000"))  # fmt: skip
        with_torch = start + 10 * (part - start)
        rows.append(Row("the same / PyTorch, eager (its start + 2,000 epochs × 10)", milliseconds(ours),
                        milliseconds(with_torch), f"1/{with_torch / ours:.1f}", "1/10",
                        with_torch >= 10 * ours))  # fmt: skip
    code = (
        "import sys; from bpstep.cli import main; main(['replay', sys.argv[1]]);"
        "print(next(int(x.split()[1]) for x in open('/proc/self/status') if x.startswith('VmHWM')) / 1024)"
    )
    out = subprocess.run([PYTHON, "-c", code, str(script)], check=True, capture_output=True, text=True).stdout
    peak = float(out.split()[-1])
    rows.append(Row("its memory", f"{peak:.0f} MB", "", "", "100 MB", peak < 100))
    visit = p95(visits(20_000))
    rows.append(
        Row(
            "to any step of it, with all panes, 95th percentile",
            milliseconds(visit),
            "",
            "",
            "16 ms",
            visit <= 0.016,
        )
    )
    return [*rows, deep_row()]


def visits(epochs: int) -> list[float]:
    """The seconds that it takes to go to a step of a trained run and draw what the screen shows."""
    import random

    from bpstep.debugger.console import Console
    from bpstep.scenario.loader import load
    from bpstep.view.panes import chain, network, step, tables, timeline
    from bpstep.view.scene.frame import Frame

    session = Console(load("xor"))
    session.execute(f"train {epochs}")
    random.seed(1)
    found = []
    for _ in range(300):
        number = random.randrange(session.length)
        start = time.perf_counter()
        session.execute(f"goto {number}")
        frame = Frame.of(session)
        for draw in (timeline.draw, network.draw, step.draw, chain.draw):
            draw(frame, 80, 10)
        tables.draw(frame, 80, 8, "weights")
        found.append(time.perf_counter() - start)
    return found


def deep_row() -> Row:
    from peers import numpy_deep

    from bpstep.engine.run import Run
    from bpstep.scenario.loader import load

    scenario = load("deep-784-128-10")

    def ours() -> float:
        run = Run(scenario.problem, scenario.training, epochs=100)
        start = time.perf_counter()
        run.snapshot(100)
        return time.perf_counter() - start

    mine, peer = alternately(ours, lambda: numpy_deep(100), 7)
    return compared("784-128-10, 100 samples online / NumPy", mine, peer, 5.0)


def start_rows() -> list[Row]:
    rows = []
    for words in (["--help"], ["list"]):
        ours, bare = alternately(
            lambda words=words: seconds_of(PYTHON, "-m", "bpstep", *words),
            lambda: seconds_of(PYTHON, "-c", "pass"),
            15,
        )
        rows.append(compared(f"bpstep {words[0]} / bare Python", ours, bare, 3.0))
    return rows


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        rows = [*start_rows(), *screen_rows(Path(folder)), *key_rows(Path(folder)), *engine_rows(), *trace_rows(),
                *training_rows(Path(folder)), *array_rows()]  # fmt: skip
    print(table(rows))


if __name__ == "__main__":
    main()
