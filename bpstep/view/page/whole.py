"""The page: text, data, style sheet and script, put together in one file.

Two locks keep what a file says from becoming markup or script.  Every text is escaped where it enters the page, and a
content security policy names the one script that may run, by its hash, and allows the page to ask nobody for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from copy import copy
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from bpstep.debugger.session import Session
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.rule import Rule
from bpstep.english import counted, group
from bpstep.scenario.model import Scenario
from bpstep.view.formats.html import colours, escaped, role_rules
from bpstep.view.page.collected import collected, rules_beside, tables_shown
from bpstep.view.page.story import story_html
from bpstep.view.page.transcript import transcript
from bpstep.view.scene.frame import Frame

__all__ = ["MOST_STEPS", "chosen_rules", "page", "steps_shown", "told_steps"]

#: A page has no more steps than these, where it is asked for them.
MOST_STEPS = 2_000
#: Unasked, it has a run or an epoch of up to so many steps; of a longer one, so many from here on.
_MOST_UNASKED, _FIRST = 1_500, 300
#: Data of more characters is packed.
LARGE = 1_000_000
#: There are rules beside as far as that is no more work than to draw so many steps.
_MOST_DRAWN = 3_000

#: Stops of a session, with what they are called: where a script halted.
Stops = Sequence[tuple[int, str]]


def steps_shown(session: Session) -> range:
    """The positions that a page shows unless others are asked for: of a long run the epoch where the session stands, of
    a long epoch what comes from there on."""
    timeline, at = session.run.timeline, session.position
    if session.length <= _MOST_UNASKED:
        return range(session.length + 1)
    each, epoch = timeline.batches_per_epoch, session.moment.place.epoch
    first, end = (timeline.start_of_batch(batch * each) for batch in (epoch, epoch + 1))
    if end - first <= _MOST_UNASKED:
        return range(first, end + 1)
    return range(max(first, at - 1), min(end, at + _FIRST) + 1)


def page(
    session: Session,
    positions: range,
    stops: Stops = (),
    report: Listener = unheard,
    rules: Sequence[Rule] | None = None,
) -> str:
    """A session as an HTML document; ``report`` hears how far it is.

    The ``rules`` that can be switched on beside the right one are all that apply, as far as that is not too much work.
    """
    walker = copy(session)  # it walks through the run, and the session stays where it is
    walker.compared_with = None
    walker.position = positions[-1]
    if rules is None:
        rules = chosen_rules(rules_beside(walker), _MOST_DRAWN // len(positions))
    data = collected(walker, positions, rules, lambda done, of: report("step", done, of))
    walker.position = positions[0]
    return _put_together(walker, positions, stops, data, "\n".join(transcript(walker, positions)))


def chosen_rules(rules: Sequence[Rule], most: int) -> list[Rule]:
    """Some of many rules, in their order: those that are about a problem like this one before those that fit any."""
    kept = sorted(rules, key=lambda rule: rule.is_general)[:most]
    return [rule for rule in rules if rule in kept]


def _put_together(session: Session, positions: range, stops: Stops, data: dict[str, Any], items: str) -> str:
    scenario = session.scenario
    script, (kind, text) = _part("page.js"), _embedded(data)
    names = tables_shown(Frame.of(session))
    return Template(_part("page.html")).substitute(
        title=escaped(scenario.title),
        summary=escaped(scenario.summary or ""),
        story=_story(scenario),
        unit="neuron" if scenario.kind == "network" else "variable",
        shown=escaped(told_steps(session, positions)),
        hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=_style_sheet(),
        script=script,
        kind=kind,
        data=text,
        rules="".join(
            f'<option value="{k}">{rule["name"]}</option>' for k, rule in enumerate(data["rules"], 1)
        ),
        tables="".join(
            f'<pre class="table" tabindex="0" role="group" aria-label="{name}"></pre>' for name in names
        ),
        stops=_stops(stops, positions),
        items=items,
        last=positions[-1],
        first=positions[0],
    )


def _story(scenario: Scenario) -> str:
    """The author's story, and where it is from."""
    source = f'<p class="source">{escaped(scenario.source)}</p>' if scenario.source else ""
    if not scenario.story:
        return source
    return f"<details open><summary>Story</summary>{story_html(scenario.story)}{source}</details>"


def told_steps(session: Session, positions: range) -> str:
    """Which steps a page has."""
    if len(positions) > session.length:
        return counted(session.length, "step")
    first = max(1, positions[0] + (positions[0] > 0))
    return f"steps {group(first)} to {group(positions[-1])} of {group(session.length)}"


def _stops(stops: Stops, positions: range) -> str:
    """Links to where a script halted."""
    rows = [
        f'<li><a href="#step-{at}">{group(at)}</a> <code>{escaped(text)}</code></li>'
        for at, text in stops
        if at in positions
    ]
    return f'<nav aria-label="stops"><h2>Stops</h2><ol id="stops">{"".join(rows)}</ol></nav>' if rows else ""


def _embedded(data: dict[str, Any]) -> tuple[str, str]:
    """Data in a page, and of what kind it is: nothing in it can end the element in which it stands.

    What is large is packed, to a sixth or so: rows are alike but for a few numbers.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if len(text) > LARGE:
        return "application/deflate", base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    escaped_text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return "application/json", escaped_text


@cache
def _style_sheet() -> str:
    light, dark = (colours(theme) for theme in ("light", "dark"))
    return (
        f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}@media print{{:root{{{light}}}}}"
        f"{role_rules()}{_part('page.css')}"
    )


@cache
def _part(name: str) -> str:
    return files("bpstep.view.page").joinpath(name).read_text(encoding="utf-8")
