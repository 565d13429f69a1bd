"""What a run found, told: every fault once, with how often and in which case first; and the closing table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.fuzz.case import CONTROL, FALSE, LEAK, TRACEBACK, WAIT, Finding

__all__ = ["KINDS", "Tally", "report", "table"]

#: The kinds of findings, and the head of each one's column.
KINDS = {TRACEBACK: "tracebacks", FALSE: "false", LEAK: "leaks", CONTROL: "controls", WAIT: "waits"}


@dataclass
class Tally:
    """A family in the closing table."""

    family: str
    inputs: int = 0
    longest: float = 0.0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))


def table(tallies: Iterable[Tally]) -> str:
    """Per family: inputs, findings of each kind, the longest wait."""
    heads = ["family", "inputs", *KINDS.values(), "longest"]
    rows = [
        [t.family, f"{t.inputs:,}", *(str(t.found[kind]) for kind in KINDS), f"{t.longest:.2f} s"]
        for t in tallies
    ]
    widths = [max(len(row[k]) for row in [heads, *rows]) for k in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [heads, *rows]
    )


def report(findings: Sequence[Finding], *, fully: bool) -> str:
    """Every fault once: kind, family, place, how often, the first case, what was put in; ``fully`` with details."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: (f.family, f.case)):
        groups.setdefault((finding.kind, finding.family, finding.where), []).append(finding)
    lines = []
    for (kind, family, where), group in sorted(groups.items(), key=lambda item: -len(item[1])):
        first = group[0]
        lines.append(f"{len(group):>5} × {kind}: {where}   --only {family} --case {first.case}")
        lines.append(f"        {first.text[:160]!r}")
        details = (
            first.details
            if fully
            else first.details.strip().split("\n")[-1 if kind == TRACEBACK else 0][:200]
        )
        lines += [f"        {line}" for line in details.rstrip().split("\n")]
    return "\n".join(lines)
