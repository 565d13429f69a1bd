"""The table that the benchmarks print, and what goes into its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Row", "milliseconds", "p95", "table", "without_story"]


@dataclass(frozen=True)
class Row:
    """A line of the table; ``met`` is None where there is no bound."""

    what: str
    ours: str
    peer: str
    ratio: str
    bound: str
    met: bool | None


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def without_story(name: str, folder: Path) -> Path:
    """A copy of a built-in scenario that begins with the network, not with its story."""
    from bpstep.scenario.catalogue import builtin_path

    text = builtin_path(name).read_text(encoding="utf-8")
    before, _, rest = text.partition('story = """')
    path = folder / f"{name}.toml"
    path.write_text(before + rest.partition('"""')[2], encoding="utf-8")
    return path


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def table(rows: list[Row]) -> str:
    heads = ("", "bpstep", "peer", "ratio", "bound", "")
    lines = [heads, *((r.what, r.ours, r.peer, r.ratio, r.bound, {True: "met", False: "NOT MET", None: ""}[r.met])
                      for r in rows)]  # fmt: skip
    widths = [max(len(line[k]) for line in lines) for k in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
