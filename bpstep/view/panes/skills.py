"""Skills: how each of them stands, by a word and a mark, and when it comes back."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence

from bpstep.english import counted, listed
from bpstep.exercises.mastery import DAY, Skill
from bpstep.exercises.offering import Standing
from bpstep.view.drawing.canvas import Canvas

__all__ = ["SKILL_MARKS", "draw_skills", "next_lines", "skill_lines", "tally"]

#: What stands before a skill: of one that is due that it comes back.  Its state is there as a word, too.
SKILL_MARKS = {"new": "·", "learning": "◆", "mastered": "●", "due": "◀"}

_ROLES = {"new": "dim", "learning": "text", "mastered": "text", "due": "strong"}

#: The order in which skills are listed, by state.
_LISTED = ("due", "learning", "mastered", "new")

#: The order in which states are counted up.
_TOLD = ("mastered", "due", "learning", "new")


def tally(skills: Sequence[Skill], states: Collection[str] = _TOLD) -> str:
    """How many skills there are in each of some states that has any."""
    counts = {state: sum(skill.state == state for skill in skills) for state in _TOLD if state in states}
    return listed([f"{count} {state}" for state, count in counts.items() if count])


def skill_lines(skills: Sequence[Skill], now: float) -> list[tuple[str, str]]:
    """All skills as text: how many stand how, and a line for each, those first that ask for something."""
    if not skills:
        return []
    lines = [(f"{counted(len(skills), 'skill')}: {tally(skills)}", "strong")]
    width = max(len(skill.name) for skill in skills)
    for skill in sorted(skills, key=lambda skill: _LISTED.index(skill.state)):
        text = f"  {SKILL_MARKS[skill.state]} {skill.name:<{width}}  {skill.state:<8}  {_more(skill, now)}"
        lines.append((text.rstrip(), _ROLES[skill.state]))
    return lines


def _more(skill: Skill, now: float) -> str:
    """When it comes back, or what it takes to be mastered."""
    if skill.due is not None and now < skill.due:
        return f"comes back in {_until(skill.due - now)}"
    if skill.state == "learning":
        return "one more variant without a mistake" if skill.clean else "two variants without a mistake"
    return ""


def _until(seconds: float) -> str:
    """A stretch of time that is to come, rounded up."""
    hours = -(-int(seconds) // 3600)
    return counted(-(-hours // 24), "day") if hours >= DAY // 3600 else counted(max(1, hours), "hour")


def next_lines(standing: Standing) -> list[tuple[str, str]]:
    """What is offered, and why."""
    if standing.offer is None:
        return []
    return [(f"next: {standing.offer.exercise.id} ({standing.offer.why})", "strong")]


def draw_skills(canvas: Canvas, x: int, y: int, skills: Sequence[Skill], names: Collection[str]) -> int:
    """Some of the skills, a row each, with the state at the right edge; the first row that stays free."""
    for skill in (skill for skill in skills if skill.name in names):
        room = canvas.width - x - 12
        for number, line in enumerate(textwrap.wrap(f"{SKILL_MARKS[skill.state]} {skill.name}", room)):
            canvas.put(x, y, line, _ROLES[skill.state])
            if number == 0:
                canvas.put(canvas.width - len(skill.state) - 1, y, skill.state, "dim")
            y += 1
    return y
