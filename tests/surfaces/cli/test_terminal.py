from io import StringIO

import pytest
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from punchingfist.domain.printable import escaped, printable
from punchingfist.surfaces.cli.terminal import Terminal

CONTROLS = "\x00\x07\x08\x1b[2J\x1b]52;c;aGk=\x07\r\x7f\x85\x9b2J\u202e\u2066"


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal()
    terminal.file = StringIO()
    return terminal


def written(terminal: Terminal) -> str:
    file = terminal.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_control_characters_in_a_text_never_reach_the_terminal(terminal: Terminal) -> None:
    table = Table("NAME")
    table.add_row(f"row{CONTROLS}")

    terminal.print(Text(f"text{CONTROLS}"), f"plain{CONTROLS}", table, Panel(f"panel{CONTROLS}"))

    shown = written(terminal)
    assert all(word in shown for word in ("text", "plain", "row", "panel"))
    assert not set(CONTROLS) - set("[2J]52;caGk=") & set(shown)


def test_brackets_in_a_text_are_brackets(terminal: Terminal) -> None:
    table = Table("NAME")
    table.add_row("[red]row[/]")

    terminal.print("[bold]x[/bold] [link=http://evil]y[/link] :smile: [/]", table)

    assert "[bold]x[/bold] [link=http://evil]y[/link] :smile: [/]" in written(terminal)
    assert "[red]row[/]" in written(terminal)


def test_tabs_and_line_ends_are_kept() -> None:
    assert printable("a\tb\nc") == "a\tb\nc"


def test_json_writes_control_characters_as_escapes() -> None:
    assert escaped('"a\x9b\x7f\u202e"') == '"a\\u009b\\u007f\\u202e"'
