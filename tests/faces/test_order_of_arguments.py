"""Options of a subcommand may stand before, among and behind what it is about."""

from __future__ import annotations

import pytest

from bpstep.cli import main, parser_of_all

#: What a subcommand is about, and an option of it.
LINES = [
    ("compare xor mine.json other.json", "--rel 0.1"),
    ("compare mazur-2-2-2 mine.json", "--layout in,out"),
    ("progress export mine.json", "--name Ada"),
    ("lint a.toml b.toml", "--json"),
    ("grade a.json b.json", "--csv"),
    ("replay a.bps b.bps", "--keep-going"),
    ("export network xor", "--out x.svg"),
    ("exercise one-neuron", "--plain"),
    ("trace xor", "--format csv"),
]


@pytest.mark.parametrize(("line", "option"), LINES, ids=[line for line, _ in LINES])
def test_an_option_may_stand_anywhere(line: str, option: str) -> None:
    command, *words = line.split()
    parser = parser_of_all()
    expected = vars(parser.parse_args([command, *words, *option.split()]))
    for place in range(len(words)):
        assert vars(parser.parse_args([command, *words[:place], *option.split(), *words[place:]])) == expected


def test_what_is_too_much_is_still_told(capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("trace xor --format csv mazur-2-2-2", "lint a.toml --jsn b.toml"):
        with pytest.raises(SystemExit):
            main(line.split())
        assert "unrecognized arguments: " in capsys.readouterr().err
