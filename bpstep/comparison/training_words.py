"""What became of a training beside the right one, in words and as a document."""

from __future__ import annotations

from typing import Any

from bpstep.comparison.training import TrainingReport
from bpstep.comparison.wording import MOST_NAMES, row
from bpstep.english import counted, group

__all__ = ["training_document", "training_lines"]


def training_lines(report: TrainingReport) -> list[str]:
    """What became of a training beside the right one, as lines of text."""
    lines = [_verdict(report), *(f"  not read: {text}" for text in report.unread[:MOST_NAMES])]
    return [*lines, "", *_where(report), *_mistakes(report)] if report.wrong else lines


def _verdict(report: TrainingReport) -> str:
    """How much was read, and whether it agrees."""
    parts = []
    if report.losses:
        parts.append(f"the losses of {counted(report.losses, 'epoch')}")
    if report.parameters:
        parts.append(f"{counted(report.parameters, 'parameter')} after epoch {report.after}")
    near = f"({report.precision.says}; within {report.tolerance.relative:g})"
    verdict = f"{group(report.wrong)} disagree" if report.wrong else "all agree"
    if report.misshapen:
        verdict += f"; {counted(report.misshapen, 'array')} can not be read"
    return f"{' and '.join(parts)} read: {verdict} {near}."


def _where(report: TrainingReport) -> list[str]:
    """From which epoch on the losses are others."""
    if not report.first_epoch:
        return []
    where = f"the loss of epoch {report.first_epoch}"
    lines = [row("first wrong", f"{where}   yours {report.yours:.6g}   right {report.right:.6g}")]
    if report.first_epoch == 1:
        lines.append(row("", "it is wrong before the first update, unless the loss itself is another one"))
    return lines


def _mistakes(report: TrainingReport) -> list[str]:
    """Which mistakes in the update give these numbers, or what to do where none does."""
    lines = []
    for label, mistakes in (("the mistake", report.mistakes), ("perhaps", report.possible)):
        for place, mistake in enumerate(mistakes):
            lines.append(row("or" if place else label, f"{mistake.name}: {mistake.says}"))
    if report.possible:
        lines.append(row("", "so near the right numbers it could be met by accident: it is not sure"))
    if not report.mistakes and not report.possible:
        none = f"none of {group(report.tried)} known mistakes in an update gives these numbers"
        lines.append(row("the mistake", none))
    if not report.mistakes:
        lines.append(row("", "compare the gradients of the first batch: bpstep compare SCENARIO NUMBERS"))
    return lines


def training_document(report: TrainingReport) -> dict[str, Any]:
    """The same as a document for JSON."""
    return {
        "format": "bpstep-comparison-of-training", "version": 1, "source": report.source, "ok": report.ok,
        "losses": report.losses, "parameters": report.parameters, "epoch": report.after or None,
        "wrong": report.wrong, "first_epoch": report.first_epoch or None,
        "precision": report.precision.says, "relative": report.tolerance.relative,
        "mistakes": [{"name": one.name, "says": one.says} for one in report.mistakes], "tried": report.tried,
        "perhaps": [{"name": one.name, "says": one.says} for one in report.possible], "misshapen": report.misshapen,
        "unread": list(report.unread),
    }  # fmt: skip
