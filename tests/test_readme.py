"""The README says what the tables say."""

from pathlib import Path

from bpstep.debugger.commands import COMMANDS

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- commands: made from the table in bpstep/debugger/commands.py, checked by the tests -->\n"
END = "<!-- end of commands -->"


def command_list() -> str:
    """The README's table of commands, made from the command table."""
    rows = ["| command | does |", "|---|---|"]
    for command in COMMANDS.values():
        also = f" ({', '.join(f'`{alias}`' for alias in command.aliases)})" if command.aliases else ""
        usage = command.usage.replace("|", "\\|")
        rows.append(f"| `{usage}`{also} | {command.says} |")
    return "\n".join(rows) + "\n"


def test_the_readme_lists_every_command() -> None:
    text = README.read_text(encoding="utf-8")
    inside = text.partition(BEGIN)[2].partition(END)[0]
    assert inside.strip() == command_list().strip()


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    README.write_text(
        before + BEGIN + "\n" + command_list() + "\n" + END + rest.partition(END)[2], encoding="utf-8"
    )
