"""Which commands of a shell script would parse or run the words they are given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
# Words after which a command begins.
RESERVED = frozenset({"if", "then", "elif", "else", "do", "while", "until", "!", "{", "time"})
# Programs whose next word is a program again.
_WRAPPERS = frozenset(
    {"builtin", "command", "doas", "env", "exec", "nice", "nohup", "setsid", "sudo", "timeout"}
)
_PARSES_ITS_WORDS = frozenset(
    {".", "alias", "at", "awk", "declare", "eval", "expect", "export", "gawk", "let", "local"}
    | {"mapfile", "mawk", "parallel", "read", "readarray", "readonly", "sed", "source"}
    | {"sqlite3", "ssh", "trap", "typeset", "unset", "watch", "xargs"}
)
_READS_COMMANDS = frozenset({"mysql", "psql", "sqlite3", "ssh"})
_RUNS_A_TEXT = frozenset(
    {"ash", "bash", "busybox", "dash", "env", "fish", "flock", "ksh", "lua", "mksh", "mysql"}
    | {"node", "perl", "php", "psql", "python", "python3", "ruby", "runuser", "script", "sh"}
    | {"sqlite3", "su", "zsh"}
)
_TEXT_FLAG = re.compile(r"-[A-Za-z]*[ceErSp]|--(?:command|eval|execute|split-string).*")


class Mode(Enum):
    """How the characters at this point are read."""

    COMMAND = auto()
    DOUBLE = auto()
    BRACES = auto()
    ARITHMETIC = auto()
    BACKTICKS = auto()


@dataclass(slots=True)
class Frame:
    """
    One level of nesting; *words* are those of the simple command being read.

    *opening* is `$(`, `<(` or `(` of a command list. *placed* says that outside
    text stands in this command, *fed* that it reaches it as standard input.
    """

    mode: Mode
    opened_at: int
    opening: str = ""
    words: list[str] = field(default_factory=list)
    word: str | None = None
    cases: int = 0
    parentheses: int = 0
    placed: bool = False
    ever_placed: bool = False
    fed: bool = False
    here_string: bool = False


def reads_program(words: list[str]) -> bool:
    """Tell whether a command takes what it runs from its standard input."""
    if not words:
        return False
    name, rest = words[0].rpartition("/")[2], words[1:]
    if name in _READS_COMMANDS or (name in _RUNS_A_TEXT and "-s" in rest):
        return True
    is_given = (
        word == "-m" or _TEXT_FLAG.fullmatch(word) or not word.startswith("-") for word in rest
    )
    return name in _RUNS_A_TEXT and not any(is_given)


def refusals(frame: Frame) -> Iterator[str]:
    """Say why outside text may not stand at the current word of a command."""
    word = frame.word or ""
    if not frame.words:
        if not ASSIGNMENT.match(word):
            yield "stands in an array index" if "[" in word else "would be run as a command"
        return
    names = [name.rpartition("/")[2] for name in frame.words]
    first = names[0]
    commands = names if first in _WRAPPERS or "$" in first else names[:1]
    yield from (
        f"is given to {name!r}, which parses it" for name in commands if name in _PARSES_ITS_WORDS
    )
    if first == "[[" or (first in {"[", "test"} and {"-v", "-R"} & set(names)):
        yield "stands in a test that evaluates it; use [ … = … ]"
    if first == "printf" and "-v" in names:
        yield "stands after printf -v"
    if frame.here_string and reads_program(frame.words):
        yield f"is fed to {first!r}, which runs it"
    runs = any(name in _RUNS_A_TEXT or "$" in name for name in names)
    if runs and any(_TEXT_FLAG.fullmatch(name) for name in names):
        yield f"is part of a program text for {first!r}"
