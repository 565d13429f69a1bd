"""A report in words: the text that `bpstep compare` prints, its JSON, and a results file for Gradescope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bpstep.comparison.difference import Likely
from bpstep.comparison.report import Report
from bpstep.comparison.search import Match
from bpstep.comparison.telling import WrongNumber
from bpstep.comparison.verdicts import Finding
from bpstep.english import agreed, counted, group
from bpstep.visible import shortened

__all__ = [
    "MOST_NAMES",
    "gradescope",
    "likely_document",
    "likely_lines",
    "report_document",
    "report_lines",
    "row",
]

_LABEL = 14
#: So many names are written out, and so many mistakes that give the same numbers.
MOST_NAMES = 6
_MOST_MISTAKES = 6
#: A figure that is met by accident more often than this is told with its doubt.
_ACCIDENT = 0.1


def report_lines(report: Report, opens: str = "") -> list[str]:
    """The report as lines of text; ``opens`` is a command that shows the place, if there is one."""
    lines = [_head(report)]
    lines += [f"  {text}" for text in report.taken]
    lines += [f"  not read: {text}" for text in report.unread[:MOST_NAMES]]
    if len(report.unread) > MOST_NAMES:
        lines.append(f"  not read: {len(report.unread) - MOST_NAMES} more")
    if not report.wrong:
        return lines
    lines.append("")
    told: set[object] = set()
    for number in report.first:
        if number.slot not in told:
            lines += _first("" if told else "first wrong", number)
            told.add(number.slot)
            more = [other.name for other in report.first if other.slot == number.slot and other is not number]
            if more:
                lines.append(row("", f"likewise {_names(more)}"))
    if report.more_first:
        lines.append(row("", f"and {_names(report.more_first)}"))
    lines += _mistake(report)
    if report.followers:
        because = (
            "wrong because of it" if report.finding.verdict in ("mistake", "pair") else "they depend on it"
        )
        lines.append(row("follow-ups", f"{_names(report.followers)}: {because}"))
    if opens:
        lines.append(row("look at it", opens))
    return lines


def row(label: str, text: str) -> str:
    """A line of a report: what it is about, and what is said."""
    return f"{label:<{_LABEL}}{text}"


def _head(report: Report) -> str:
    agree, wrong = report.read - report.wrong, report.wrong
    near = f"{report.precision.says}; within {report.tolerance.relative:g}"
    if report.tolerance.absolute:
        near += f", or {report.tolerance.absolute:.2g}"
    if not wrong:
        every = f"all {group(agree)} agree" if agree > 1 else "it agrees"
        but = f"; {counted(report.misshapen, 'array')} can not be read" if report.misshapen else ""
        return f"{counted(report.read, 'number')} read: {every} ({near}){but}."
    verb = "does" if wrong == 1 else "do"
    return f"{counted(report.read, 'number')} read: {group(agree)} agree, {group(wrong)} {verb} not ({near})."


def _first(label: str, number: WrongNumber) -> list[str]:
    step = f"step {group(number.step)}   " if number.step else ""
    ratio = f"   ratio {number.ratio:.4g}" if number.ratio is not None else ""
    lines = [row(label, f"{number.name}   {step}yours {number.yours:.6g}   right {number.right:.6g}{ratio}")]
    if number.agreeing:
        lines.append(row("", f"what it is made of agrees, as far as you gave it: {_names(number.agreeing)}"))
    if number.arrived:
        lines.append(row("", number.arrived))
    return lines


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return f"{shown}, … ({group(len(names))} in all)" if len(names) > MOST_NAMES else shown


def _mistake(report: Report) -> list[str]:
    finding = report.finding
    if finding.verdict == "given":
        text = (
            "your program does not start from the scenario's numbers: copy weights, inputs and targets first"
        )
        return [row("the mistake", "; ".join(finding.patterns) or text)]
    lines = []
    if finding.verdict in ("mistake", "pair", "part"):
        lines += _believed(report)
    else:
        tried = f"none of {group(finding.tried)} known mistakes" if finding.tried else "no known mistake"
        pairs = ", and no two of them together," if finding.pairs_tried else ""
        if finding.possible:
            few = "so few and inexact numbers could be met by accident: it is not sure"
            lines.append(row("perhaps", _told(finding.possible[0])))
            lines += [row("", f"or {_told(other)}") for other in finding.possible[1:_MOST_MISTAKES]]
            lines.append(row("", few))
        else:
            lines.append(row("the mistake", f"{tried}{pairs} gives these numbers"))
        lines += [row("", text) for text in finding.patterns[:MOST_NAMES]]
        if report.gradients_alone:
            lines.append(
                row("", "give deltas and outputs (delta1, a1, …), too: then it can be said where it begins")
            )
    return lines


def _believed(report: Report) -> list[str]:
    finding = report.finding
    best = finding.matches[0]
    lines = _rows_of("the mistake", best)
    gives = f"it gives all {group(best.explained)} of your wrong numbers" if best.explained > 1 else (
        "it gives your wrong number"
    )  # fmt: skip
    if len(best.hypotheses) > 1:
        gives = gives.replace("it gives", "together they give")
    for other in finding.others[:_MOST_MISTAKES]:
        lines += _rows_of("and", other)
    if len(finding.others) > _MOST_MISTAKES:
        lines.append(row("", f"and {group(len(finding.others) - _MOST_MISTAKES)} more of this kind"))
    if finding.verdict == "part":
        gives = _gives_a_part(finding, report.wrong)
    lines.append(row("", gives + _alone(report)))
    others = finding.matches[1:]
    for other in others[:_MOST_MISTAKES]:
        lines += _rows_of("same from" if other is others[0] else "or", other)
    if len(others) > _MOST_MISTAKES:
        lines.append(row("", f"and {group(len(others) - _MOST_MISTAKES)} more"))
    if finding.apart:
        lines.append(row("", f"to tell them apart, give {finding.apart}, too"))
    elif others and finding.verdict == "mistake" and len(finding.matches) <= 2 * _MOST_MISTAKES:
        lines.append(row("", "here they are the same in every number: nothing tells them apart"))
    return lines


def _gives_a_part(finding: Finding, wrong: int) -> str:
    gives = "together they give" if finding.others else "it gives"
    rest = wrong - finding.explained
    if not rest:
        return f"{gives} all {group(wrong)} of your wrong numbers"
    spoil = "spoil" if finding.others else "spoils"
    return (
        f"{gives} {group(finding.explained)} of your wrong numbers and {spoil} none; "
        f"{counted(rest, 'other')} must have another cause"
    )


def _rows_of(label: str, match: Match) -> list[str]:
    """A mistake with its sentence; of two at once, a line each."""
    return [
        row("and" if place else label, f"{one.title}: {one.says}")
        for place, one in enumerate(match.hypotheses)
    ]


def _alone(report: Report) -> str:
    if not report.gradients_alone:
        return ""
    return " (seen from the gradients alone)"


def _told(match: Match) -> str:
    return "; and ".join(f"{one.title}: {one.says}" for one in match.hypotheses)


# --- as documents -------------------------------------------------------------------------------------


def report_document(report: Report) -> dict[str, Any]:
    """The report as a document for JSON."""
    finding = report.finding
    return {
        "format": "bpstep-comparison", "version": 1, "scenario": report.scenario, "source": report.source,
        "ok": report.ok, "read": report.read, "agree": report.read - report.wrong, "wrong": report.wrong,
        "misshapen": report.misshapen, "precision": report.precision.says, "relative": report.tolerance.relative,
        "absolute": report.tolerance.absolute, "taken": list(report.taken), "unread": list(report.unread),
        "first": [_number_document(number) for number in report.first], "more_first": list(report.more_first),
        "verdict": finding.verdict,
        "mistakes": [_match_document(match) for match in finding.matches],
        "also": [_match_document(match) for match in finding.others],
        "perhaps": [_match_document(match) for match in finding.possible[:_MOST_MISTAKES]],
        "apart": finding.apart or None, "tried": finding.tried, "pairs_tried": finding.pairs_tried,
        "patterns": list(finding.patterns), "follow_ups": list(report.followers),
    }  # fmt: skip


def _number_document(number: WrongNumber) -> dict[str, Any]:
    return {
        "cell": number.name, "step": number.step or None, "yours": number.yours, "right": number.right,
        "ratio": number.ratio, "agreeing": list(number.agreeing), "arrived": number.arrived or None,
    }  # fmt: skip


def _match_document(match: Match) -> list[dict[str, Any]]:
    return [
        {
            "name": one.mistake.name, "value": one.words or None, "where": one.where or "everywhere",
            "says": one.says, "source": one.mistake.source or None, "explains": match.explained,
        }
        for one in match.hypotheses
    ]  # fmt: skip


def gradescope(report: Report) -> dict[str, Any]:
    """A ``results.json``: a test for every slot that was handed in, and the report as the output of the first that
    fails."""
    tests = []
    told = False
    for key, slot in report.disagreeing.items():
        wrong, given = int(slot.wrong.sum()), int(slot.given.sum())
        cell = report.sheet.slots[key].cell((0,) * slot.right.ndim)
        output = agreed(wrong, given)
        if wrong and not told:
            told, output = True, "\n".join([output, "", *report_lines(report)])
        tests.append(
            {
                "name": shortened(f"numbers like {cell}", 80), "score": 0.0 if wrong else 1.0, "max_score": 1.0,
                "status": "failed" if wrong else "passed", "output": output,
            }
        )  # fmt: skip
    if report.misshapen:
        output = "\n".join(report.unread)
        tests.append({"name": "shapes", "score": 0.0, "max_score": 1.0, "status": "failed", "output": output})
    head = report_lines(report)
    return {"output": "\n".join(head[: head.index("")] if "" in head else head), "tests": tests}


# --- one figure ---------------------------------------------------------------------------------------


def likely_lines(likely: Likely) -> list[str]:
    """What the figure of a gradient check says, as lines of text."""
    figure = likely.figure
    if likely.right:
        return [f"{figure.value:g} is the difference of two gradients that agree: no mistake."]
    if not likely.found:
        return [
            f"{figure.value:g} is the figure of none of {group(likely.tried)} mistakes and pairs of mistakes.",
            "Give the gradients themselves: bpstep compare SCENARIO NUMBERS",
        ]
    lines: list[str] = []
    for hypotheses, value in likely.found[:_MOST_MISTAKES]:
        told = "; and ".join(f"{one.title}: {one.says}" for one in hypotheses)
        label = "perhaps" if likely.by_chance > _ACCIDENT else "the mistake"
        lines.append(row("or" if lines else label, f"{told}   ({value:.10g})"))
    if len(likely.found) > _MOST_MISTAKES:
        lines.append(row("", f"and {group(len(likely.found) - _MOST_MISTAKES)} more"))
    if likely.by_chance > _ACCIDENT:
        count = f"{likely.by_chance:.2g}"
        lines.append(row("", f"not sure: by accident a figure of so few digits meets about {count} of "
                              f"{group(likely.tried)} mistakes; give more digits, or the gradients"))  # fmt: skip
    return lines


def likely_document(likely: Likely) -> dict[str, Any]:
    """The same as a document for JSON."""
    return {
        "format": "bpstep-difference", "version": 1, "difference": likely.figure.value, "ok": likely.right,
        "mistakes": [
            {"difference": value, "mistakes": [{"name": one.title, "says": one.says} for one in hypotheses]}
            for hypotheses, value in likely.found
        ],
        "tried": likely.tried, "by_chance": likely.by_chance,
    }  # fmt: skip
