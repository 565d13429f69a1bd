"""What has no room is said: users of a value, a title, a rule; and a story has no marks of Markdown left in it."""

from __future__ import annotations

import re

import pytest

from bpstep.debugger.console import Console
from bpstep.scenario.loader import load
from bpstep.view.drawing.markdown import markdown_rows, plain_rows
from bpstep.view.panes import chain, network
from bpstep.view.say.plain import plain_lines
from bpstep.view.scene.frame import Frame
from tests.helpers.moments import EVERY, moments, opened_at
from tests.helpers.shipped import WALKED


@pytest.mark.parametrize("height", [3, 5, 9, 14])
def test_a_value_with_many_users_says_how_many_more_there_are(height: int) -> None:
    session = Console(load("deep-784-128-10"))
    first = next(n for n in range(1, 900) if session.run.step(n).op == "apply")
    session.position = first
    rows = chain.draw(Frame.of(session), 80, height).text().split("\n")
    users = [row for row in rows if "▶" in row]
    more = [re.search(r"… and (\d+) more, 10 in all", row) for row in rows]
    left_out = sum(int(found[1]) for found in more if found)
    assert len(users) + left_out == 10
    assert bool(left_out) == (len(users) < 10)


@pytest.mark.parametrize("name", ["softmax", "xor", "deep-784-128-10", "mazur-2-2-2"])
@pytest.mark.parametrize("width", [60, 80, 85])
def test_no_title_of_a_layer_is_cut(name: str, width: int) -> None:
    session = Console(load(name))
    for position in (0, session.length // 3, session.length // 2):
        session.position = position
        assert "…" not in network.draw(Frame.of(session), width, 10).text().split("\n")[0]


@pytest.mark.parametrize("width", [56, 76])
@pytest.mark.parametrize("name", WALKED)
def test_a_story_is_set_without_marks(name: str, width: int) -> None:
    story = load(name).story
    rows = ["".join(text for text, _ in row) for row in markdown_rows(story, width)]
    assert all(len(row) <= width for row in rows), [row for row in rows if len(row) > width]
    assert not any("**" in row or "`" in row or row.startswith(("|", "* ", "#")) for row in rows)
    said = re.sub(r"[\s*`|·─-]", "", story)
    assert re.sub(r"[\s*|·─-]", "", "".join(rows)) == said
    assert "".join(plain_rows(story, width)).count("`") == story.count("`")


@pytest.mark.parametrize("name", EVERY)
def test_what_a_row_of_why_says_of_a_sum_is_never_cut(name: str) -> None:
    """Where there is little room it says it in fewer words."""
    session = opened_at(name)
    for position in moments(name)[::3]:
        session.position = position
        for width in (60, 85):
            text = "\n".join(plain_lines(session, session.execute("why"), width))
            assert not re.search(r"[+−] \+\d", text), text
            assert not re.search(r"= [^=\n]*\b(?:contributions?|so|far|above|step|of|sum) ?…", text), text


@pytest.mark.parametrize("name", [name for name in EVERY if not opened_at(name).setup.is_network])
def test_the_name_of_a_bracket_is_never_cut(name: str) -> None:
    session = opened_at(name)
    for position in moments(name)[::2]:
        session.position = position
        for width in (60, 80, 110):
            text = chain.draw(Frame.of(session), width, 12).text()
            assert not re.search(r"\b(?:u|up|ups\w*|l|lo\w*|k|kn\w*|re\w*|n|no)…", text), text
