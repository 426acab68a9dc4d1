"""
Where in a shell script a placeholder stands, and how to put a variable there.

One reader for POSIX sh and bash, long because a quoting state read in two places
would be two readings. The script is its author's; only
placeholders are outside text. An expanded `${PF_1}` is never parsed again by the
shell itself, so what is left to refuse is what parses its arguments: eval, -c, arithmetic.
"""

import re
from collections.abc import Callable
from typing import NoReturn

from punchingfist.domain.workflows.shell_commands import (
    ASSIGNMENT,
    RESERVED,
    Frame,
    Mode,
    reads_program,
    refusals,
)
from punchingfist.errors import InvalidInput

MARK = "\0"
"""Stands before and after a placeholder's number; no shell script can hold it."""

_PLACEHOLDER = re.compile(f"{MARK}([0-9]+){MARK}")
_HEREDOC = re.compile(r"<<(-?)[ \t]*((?:'[^']*'|\"[^\"]*\"|\\.|[^\s;&|<>()'\"\\])+)")

_WHY_REFUSED = {
    Mode.BRACES: "stands inside ${…}",
    Mode.ARITHMETIC: "stands inside arithmetic, which bash evaluates",
    Mode.BACKTICKS: "stands inside backticks; write $(…) instead",
}


def splice(script: str, reference: Callable[[int], str]) -> str:
    """
    Replace each marked placeholder of *script* by *reference* of its number.

    A reference is an expansion such as `${PF_1}`; quotes are added where the
    place needs them.

    Raises:
        InvalidInput: a place where the shell would parse outside text.
    """
    return _Reader(script, reference).read()


class _Reader:
    def __init__(self, script: str, reference: Callable[[int], str]) -> None:
        self._script, self._reference = script, reference
        self._at = 0
        self._out: list[str] = []
        self._frames = [Frame(Mode.COMMAND, 0)]
        self._heredocs: list[tuple[str, bool, bool]] = []
        self._line_reads_program = False
        self._steps = {
            Mode.COMMAND: self._command,
            Mode.DOUBLE: self._double,
            Mode.BRACES: self._braces,
            Mode.ARITHMETIC: self._arithmetic,
            Mode.BACKTICKS: self._backticks,
        }

    def read(self) -> str:
        while self._at < len(self._script):
            self._steps[self._top.mode]()
        if len(self._frames) > 1:
            self._refuse("a quote or bracket opened here is never closed", self._top.opened_at)
        self._end_word()
        self._end_command("\n")
        return "".join(self._out)

    @property
    def _top(self) -> Frame:
        return self._frames[-1]

    # -- each mode takes at least one character ------------------------------------------

    def _command(self) -> None:
        char = self._script[self._at]
        if char == MARK:
            self._placeholder_in_command()
        elif char == "\\":
            self._escaped()
        elif char == "'":
            self._single()
        elif char == "#" and self._top.word is None:
            self._comment()
        elif char in " \t":
            self._end_word()
            self._take(1)
        elif char in ";&|\n()<>":
            self._operator(char)
        elif not self._opens(char):
            self._grow(char)
            self._take(1)

    def _double(self) -> None:
        char = self._script[self._at]
        if char == '"':
            self._frames.pop()
            self._take(1)
        elif char == MARK:
            self._placeholder_in_double()
        elif char == "\\":
            self._escaped()
        elif char in "$`":
            if not self._opens(char):
                self._grow(char)
                self._take(1)
        else:
            self._grow(char)
            self._take(1)

    def _braces(self) -> None:
        self._nested(closing="}")

    def _backticks(self) -> None:
        self._nested(closing="`")

    def _nested(self, closing: str) -> None:
        char = self._script[self._at]
        if char == MARK:
            self._refuse_placeholder(_WHY_REFUSED[self._top.mode])
        elif char == "\\":
            self._escaped()
        elif char == closing:
            self._frames.pop()
            self._take(1)
        elif char == "'" and all(frame.mode is not Mode.DOUBLE for frame in self._frames):
            self._single()
        elif not self._opens(char):
            self._take(1)

    def _arithmetic(self) -> None:
        char = self._script[self._at]
        if char == MARK:
            self._refuse_placeholder(_WHY_REFUSED[Mode.ARITHMETIC])
        self._top.parentheses += (char in "([") - (char in ")]")
        self._take(1)
        if self._top.parentheses == 0:
            self._frames.pop()

    # -- what opens and closes -----------------------------------------------------------

    def _opens(self, char: str) -> bool:
        """Enter what starts here, if anything does."""
        rest = self._script[self._at : self._at + 3]
        if char == '"':
            self._enter(Mode.DOUBLE, 1)
        elif char == "`":
            self._enter(Mode.BACKTICKS, 1)
        elif rest.startswith(("$((", "$[")):
            self._enter(Mode.ARITHMETIC, 1)
        elif rest.startswith("$("):
            self._enter(Mode.COMMAND, 2, "$(")
        elif rest.startswith("${"):
            self._enter(Mode.BRACES, 2)
        elif rest.startswith("$'") and self._top.mode is Mode.COMMAND:
            self._refuse("$'…' means different things to sh and bash; use '…' or \"…\"")
        elif rest.startswith("$" + MARK):
            self._refuse_placeholder("follows a '$'")
        else:
            return False
        return True

    def _enter(self, mode: Mode, length: int, opening: str = "") -> None:
        self._grow(self._script[self._at])
        self._frames.append(Frame(mode, self._at, opening))
        self._take(length)

    def _operator(self, char: str) -> None:
        self._end_word()
        if char == "(" and self._script.startswith("((", self._at) and not self._top.words:
            self._enter(Mode.ARITHMETIC, 0)
            return
        if char == "<" and self._heredoc():
            return
        if char == "(":
            before = self._script[self._at - 1 : self._at]
            self._frames.append(
                Frame(Mode.COMMAND, self._at, "<(" if before in {"<", ">"} else "(")
            )
        elif char not in "<>":
            self._end_command(self._script[self._at : self._at + 2])
            if char == ")" and self._top.cases == 0 and len(self._frames) > 1:
                self._leave_commands()
        self._take(1)
        if char == "\n":
            self._heredoc_bodies()

    def _end_command(self, operator: str) -> None:
        frame = self._top
        reads = reads_program(frame.words)
        if frame.fed and reads:
            self._refuse_placeholder(f"is fed to {frame.words[0]!r}, which runs it")
        self._line_reads_program |= reads
        piped = operator.startswith("|") and operator != "||"
        frame.fed = piped and (frame.fed or frame.placed)
        frame.placed = frame.here_string = False
        frame.words = []

    def _leave_commands(self) -> None:
        inner = self._frames.pop()
        if inner.opening == "(" and self._top.words:
            self._top.words = []  # `name()` begins a function, so a command comes next
        carried = inner.ever_placed
        self._top.placed |= carried
        self._top.ever_placed |= carried
        self._top.fed |= carried and inner.opening == "<("

    def _heredoc(self) -> bool:
        if self._script.startswith("<<<", self._at):
            self._top.here_string = True
            self._take(3)
            return True
        found = _HEREDOC.match(self._script, self._at)
        if found is None:
            return False
        if MARK in found[0]:
            self._refuse_placeholder("ends a heredoc")
        quoted = any(mark in found[2] for mark in "'\"\\")
        self._heredocs.append((re.sub(r"['\"\\]", "", found[2]), quoted, found[1] == "-"))
        self._take(len(found[0]))
        return True

    def _heredoc_bodies(self) -> None:
        while self._heredocs:
            word, quoted, strips_tabs = self._heredocs.pop(0)
            body_end, after = self._heredoc_end(word, strips_tabs=strips_tabs)
            if MARK in self._script[self._at : body_end] and (quoted or self._line_reads_program):
                self._at = self._script.index(MARK, self._at)
                self._refuse_placeholder(
                    f"stands in a heredoc whose {word!r} is quoted"
                    if quoted
                    else "stands in a heredoc that is run"
                )
            if quoted:
                self._take(body_end - self._at)
            else:
                self._expand_body(body_end)
            self._take(after - self._at)
        self._line_reads_program = False

    def _heredoc_end(self, word: str, *, strips_tabs: bool) -> tuple[int, int]:
        at = self._at
        while at < len(self._script):
            line_end = self._script.find("\n", at)
            line_end = len(self._script) if line_end < 0 else line_end
            line = self._script[at:line_end]
            if (line.lstrip("\t") if strips_tabs else line) == word:
                return at, line_end
            at = line_end + 1
        return len(self._script), len(self._script)

    def _expand_body(self, end: int) -> None:
        """Read an unquoted body: double-quote rules, but a quote character means itself."""
        outer, self._frames = self._frames, [Frame(Mode.DOUBLE, self._at)]
        waiting, self._heredocs = self._heredocs, []
        while self._at < end:
            if len(self._frames) == 1 and self._script[self._at] == '"':
                self._take(1)
            else:
                self._steps[self._top.mode]()
        self._frames, self._heredocs = outer, waiting

    def _single(self) -> None:
        """Copy a single-quoted text, stepping out of the quotes for each placeholder."""
        end = self._script.find("'", self._at + 1)
        if end < 0:
            self._refuse("a quote opened here is never closed")
        self._grow("'")
        self._take(1)
        while self._at < end:
            if self._script[self._at] == MARK:
                self._check_words()
                self._emit_reference("'\"{}\"'")
            else:
                self._grow(self._script[self._at])
                self._take(1)
        self._take(1)

    def _comment(self) -> None:
        end = self._script.find("\n", self._at)
        end = len(self._script) if end < 0 else end
        while self._at < end:
            if self._script[self._at] == MARK:
                self._emit_reference("{}")
            else:
                self._take(1)

    def _escaped(self) -> None:
        if self._script.startswith("\\" + MARK, self._at):
            self._at += 1
            self._refuse_placeholder("follows a backslash")
        self._grow(self._script[self._at + 1 : self._at + 2])
        self._take(2)

    # -- placeholders --------------------------------------------------------------------

    def _placeholder_in_command(self) -> None:
        self._check_words()
        self._emit_reference('"{}"')

    def _placeholder_in_double(self) -> None:
        self._check_words()
        self._emit_reference("{}")

    def _check_words(self) -> None:
        """Look at every command the value may become a part of, from the inside out."""
        for frame in reversed(self._frames):
            if frame.mode is not Mode.COMMAND:
                continue
            for why in refusals(frame):
                self._refuse_placeholder(why)
            frame.placed = frame.ever_placed = True
            if frame.opening == "(":
                return

    def _emit_reference(self, form: str) -> None:
        found = _PLACEHOLDER.match(self._script, self._at)
        if found is None:
            self._refuse("the script holds a NUL character; remove it")
        self._grow("x")
        self._out.append(form.format(self._reference(int(found[1]))))
        self._at = found.end()

    # -- bookkeeping ---------------------------------------------------------------------

    def _take(self, length: int) -> None:
        self._out.append(self._script[self._at : self._at + length])
        self._at += length

    def _grow(self, text: str) -> None:
        """Add to the current word of the command this text belongs to."""
        for frame in reversed(self._frames):
            if frame.mode is Mode.COMMAND:
                frame.word = (frame.word or "") + text
                return

    def _end_word(self) -> None:
        frame = self._top
        word, frame.word = frame.word, None
        if word is None:
            return
        bare = word.strip("'\"")
        if not frame.words:
            frame.cases += (bare == "case") - (bare == "esac" and frame.cases > 0)
            if ASSIGNMENT.match(word) or bare in RESERVED:
                return
        frame.words.append(bare)

    def _refuse_placeholder(self, why: str) -> NoReturn:
        hint = 'assign it to a variable first (value={{ … }}) and use "$value"'
        self._refuse(f"the placeholder {why}; {hint}")

    def _refuse(self, problem: str, at: int | None = None) -> NoReturn:
        line = self._script.count("\n", 0, self._at if at is None else at) + 1
        raise InvalidInput(f"command line {line}: {problem}", line=line)
