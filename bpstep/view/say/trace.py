"""`bpstep trace`: every step of a run as a stream of lines (JSON, text or CSV).

The stream is made step by step and never held, so a run of millions of steps needs no more memory than a
run of ten.  Values are written in full: they read back to the same float.  Infinities and nan, which JSON
has no numbers for, are the strings "inf", "-inf" and "nan".
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO

from bpstep.documents import json_line
from bpstep.engine.progress import Listener
from bpstep.engine.run import Run
from bpstep.engine.steps import Factor, Step
from bpstep.english import counted
from bpstep.scenario.model import Scenario

if TYPE_CHECKING:
    from bpstep.view.symbols.formula import Symbols

__all__ = ["FORMATS", "TEXT_DIGITS", "text_line", "write_trace"]

#: The digits of a trace in text, where nothing is said of them.
TEXT_DIGITS = 10

_COLUMNS = (
    "step", "epoch", "sample", "phase", "op", "node", "cell", "was", "value", "part", "formula", "numbers",
    "upstream", "local", "product",
)  # fmt: skip

#: Who waits hears of every so many steps.
_REPORTED = 256

_encode = json.JSONEncoder(ensure_ascii=False).encode


def write_trace(
    scenario: Scenario,
    run: Run,
    form: str,
    to: TextIO,
    *,
    last_epoch: bool = False,
    rule: str | None = None,
    line: Callable[[Step], str] | None = None,
    report: Listener | None = None,
) -> Step | None:
    """Write a run, as far as it is known, to ``to``; the first step whose value is not finite, or None.

    ``form`` is one of `FORMATS`; ``rule`` is how its rule is called, where that is not to be told.  With ``last_epoch``
    only that is written, under the numbers of the whole run.  ``line`` writes a step otherwise than usual
    (`text_line`).  ``report`` hears how far it is.
    """
    first = (
        run.timeline.start_of_batch(run.timeline.batches - run.timeline.batches_per_epoch)
        if last_epoch
        else 0
    )
    head, usual = FORMATS[form]
    write = line or usual
    to.write(head(scenario, run, rule or run.setup.rule.name))
    broken: Step | None = None
    for step in run.steps(first + 1):
        if broken is None and not math.isfinite(step.value):
            broken = step
        to.write(write(step))
        if report is not None and step.number % _REPORTED == 0:
            report("step", step.number, run.length)
    return broken


def _number(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return None if value is None else value + 0.0  # −0 is 0
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _factor(factor: Factor | None) -> dict[str, object]:
    assert factor is not None
    return {"cell": str(factor.cell), "value": _number(factor.value)}


# --- JSON lines --------------------------------------------------------------------------------------


def _json_head(scenario: Scenario, run: Run, rule: str) -> str:
    training = run.setup.training
    header = {
        "format": "bpstep-trace",
        "version": 1,
        "scenario": scenario.name,
        "kind": scenario.kind,
        "title": scenario.title,
        "steps": run.length,
        "epochs": run.timeline.epochs,
        "samples": run.timeline.samples,
        "learning_rate": training.learning_rate,
        "optimizer": training.optimizer.name,
        "rule": rule,
        "mode": "reverse" if run.setup.wrt is None else "forward",
    }
    return json_line(header) + "\n"


def _json_line(step: Step) -> str:
    when, cell = step.when, str(step.cell)
    names = [str(factor.cell) for factor in step.inputs]
    record: dict[str, object] = {
        "step": step.number,
        "epoch": when.epoch,
        "sample": when.sample,
        "phase": when.phase,
        "op": step.op,
        "layer": when.layer,
        "node": when.node,
        "cell": cell,
        "was": _number(step.was),
        "value": _number(step.value),
    }
    if step.part is not None and step.part[1] > 1:
        record["part"] = list(step.part)
    record["formula"] = step.formula_in(cell, names)
    record["numbers"] = step.numbers
    record["inputs"] = {name: _number(factor.value) for name, factor in zip(names, step.inputs, strict=True)}
    if step.upstream is not None:
        record["upstream"] = _factor(step.upstream)
        record["local"] = _factor(step.local)
        record["product"] = _number(step.product)
    if step.because:
        record["because"] = step.because
    return _encode(record) + "\n"


# --- text ---------------------------------------------------------------------------------------------


def _text_head(scenario: Scenario, run: Run, rule: str) -> str:
    return f"{scenario.title}\n{counted(run.length, 'step')}\n"


def text_line(step: Step, digits: int = TEXT_DIGITS, symbols: Symbols | None = None) -> str:
    """A step in two lines, its formula and its numbers; in the letters of a book, if ``symbols`` are given."""
    formula = step.formula if symbols is None else _in_letters(step, symbols)
    part = f"  ({step.part[0]} of {step.part[1]})" if step.part is not None and step.part[1] > 1 else ""
    because = f"  [{step.because}]" if step.because else ""
    return (
        f"{step.number:>7}  {step.when.phase:<8} {step.op:<10} {formula}\n"
        f"{'':>29}{step.equation(digits)}{part}{because}\n"
    )


def _in_letters(step: Step, s: Symbols) -> str:
    right = s.filled(step.template, [s.local_name(factor.cell) for factor in step.inputs])
    return f"{s(step.cell)} {step.sign.replace('-', '−')} {right}"


# --- CSV ----------------------------------------------------------------------------------------------


def _csv_row(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _csv_head(scenario: Scenario, run: Run, rule: str) -> str:
    return _csv_row(_COLUMNS)


def _csv_line(step: Step) -> str:
    when = step.when
    part = "" if step.part is None else f"{step.part[0]}/{step.part[1]}"
    return _csv_row(
        (
            step.number, when.epoch, when.sample, when.phase, step.op, when.node, step.cell,
            _number(step.was), _number(step.value), part, step.formula, step.numbers,
            step.upstream and step.upstream.cell, step.local and step.local.cell,
            _number(step.product) if step.upstream else None,
        )
    )  # fmt: skip


_Head = Callable[[Scenario, Run, str], str]
_Line = Callable[[Step], str]

#: How a trace can be written: the head, and a line a step.
FORMATS: dict[str, tuple[_Head, _Line]] = {
    "jsonl": (_json_head, _json_line),
    "text": (_text_head, text_line),
    "csv": (_csv_head, _csv_line),
}
