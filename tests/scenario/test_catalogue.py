"""The catalogue reads the heads of the shipped files without a parser; this is what makes that safe."""

import pytest

from bpstep.reach import Reach
from bpstep.scenario.catalogue import LESSONS, builtin_names, entries
from bpstep.scenario.loader import load, loads
from bpstep.scenario.template import TEMPLATE


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_the_heading_is_what_the_file_says(entry: object) -> None:
    name = entry.name  # type: ignore[attr-defined]
    scenario = load(name)
    assert (entry.title, entry.summary) == (scenario.title, scenario.summary)  # type: ignore[attr-defined]
    assert scenario.story
    assert scenario.source
    assert scenario.notes


@pytest.mark.parametrize("name", builtin_names())
def test_what_is_shipped_passes_the_schema(name: str) -> None:
    """A built-in scenario is not checked by the schema at every start, so it is checked here."""
    from bpstep.scenario.catalogue import builtin_path

    path = builtin_path(name)
    assert loads(path.read_text(encoding="utf-8"), path.name, reach=Reach(path.parent)).title


def test_the_template_of_a_new_scenario_loads() -> None:
    assert loads(TEMPLATE, "new.toml").kind == "network"


def test_scenarios_come_in_the_order_of_the_lessons() -> None:
    ordered = [name for _, names in LESSONS for name in names]
    there = [name for name in builtin_names() if name in ordered]
    assert there == [name for name in ordered if name in there]


def test_points_fit_beside_the_names() -> None:
    assert all(len(point) <= 30 for _, points in LESSONS for point in points.values())


def test_the_size_of_the_large_net_is_what_its_point_says() -> None:
    from bpstep.debugger.console import Console
    from bpstep.view.drawing.numbers import group

    point = next(entry.point for entry in entries() if entry.name == "deep-784-128-10")
    assert point.startswith(group(Console(load("deep-784-128-10")).length))
