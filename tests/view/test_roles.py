"""Roles: every theme knows every role, the palettes keep their contrast, and mono keeps the three looks."""

from itertools import product

import pytest

from bpstep.view.drawing.roles import (
    KINDS,
    PALETTES,
    PHASE_KINDS,
    ROLES,
    THEMES,
    active_edge,
    on_cursor_line,
    role_for,
    styles,
)
from tests.helpers.colours import contrast

# Contrast on the background as WCAG counts it, from the design: (role, dark, light).
CONTRASTS = [
    ("text", 13.2, 12.7), ("strong", 18.3, 20.3), ("dim", 5.8, 5.2), ("step-number", 5.0, 4.7),
    ("edge", 2.5, 2.1), ("hairline", 1.8, 1.4), ("value", 8.4, 6.5), ("value-read", 11.8, 9.9),
    ("deriv", 8.9, 5.9), ("deriv-read", 12.7, 8.8), ("update", 14.9, 12.7), ("alarm", 8.5, 6.6),
]  # fmt: skip


@pytest.mark.parametrize(("role", "dark", "light"), CONTRASTS)
def test_contrasts_are_those_of_the_design(role, dark, light):
    for theme, expected in (("dark", dark), ("light", light)):
        palette = PALETTES[theme]
        assert contrast(palette[ROLES[role].ink], palette["background"]) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_styles_every_role(theme):
    assert styles(theme).keys() == ROLES.keys()


def test_inks_and_papers_are_in_every_palette_and_none_is_idle():
    used = {name for role in ROLES.values() for name in (role.ink, role.paper) if name}
    for palette in PALETTES.values():
        assert palette.keys() == used | {"background"}


def test_the_role_of_a_number_exists_for_every_kind_and_part():
    for kind, part in product(KINDS, ("known", "read", "written", "absent")):
        assert role_for(kind, part) in ROLES
    assert {active_edge(phase) for phase in PHASE_KINDS} <= ROLES.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_without_colour_written_is_inverse_read_is_bold_known_is_plain(kind):
    mono = styles("mono")
    looks = [mono[role_for(kind, part)] for part in ("written", "read", "known", "absent")]
    assert [str(look) for look in looks] == ["reverse", "bold", "none", "dim"]
    assert all(style.color is None and style.bgcolor is None for style in mono.values())


def test_two_hues_and_only_chips_have_paper():
    dark = styles("dark")
    assert dark["value"].color.triplet.hex == "#69b4ff"
    assert dark["deriv-chip"].bgcolor.triplet.hex == "#8a4b08"
    papered = {name for name, style in dark.items() if style.bgcolor}
    assert all(name.endswith("-chip") or name.startswith("cursor") for name in papered)


def test_sixteen_colours():
    ansi = styles("ansi")
    names = [ansi[role].color.name for role in ("value", "value-read", "deriv", "deriv-read")]
    assert names == ["blue", "bright_blue", "yellow", "bright_yellow"]
    assert all(ansi[f"{kind}-chip"].reverse for kind in KINDS)
    assert all(style.color.number is None or style.color.number < 16 for style in ansi.values())


@pytest.mark.parametrize(
    ("role", "on_it"),
    [("", "cursor"), ("text", "cursor"), ("strong", "cursor"), ("step-number", "cursor-dim"),
     ("dim", "cursor-dim"), ("value", "cursor-value"), ("deriv-read", "cursor-deriv"),
     ("deriv-chip", "deriv-chip"), ("not-finite", "cursor-alarm"), ("cursor-dim", "cursor-dim")],
)  # fmt: skip
def test_the_current_line_keeps_kinds_and_chips(role, on_it):
    assert on_cursor_line(role) == on_it


@pytest.mark.parametrize("role", ROLES)
def test_whatever_stands_on_the_current_line_has_a_role(role):
    assert on_cursor_line(role) in ROLES
