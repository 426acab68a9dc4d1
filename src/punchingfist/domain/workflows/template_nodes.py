"""The parts a template is made of."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the template: text, number, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Path:
    """`.a.b-c.0`, from the current value, or from the whole scope when written `$.a`."""

    segments: tuple[str, ...]
    from_root: bool = False

    def __str__(self) -> str:
        return ("$" if self.from_root else "") + "." + ".".join(self.segments)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; what a pipe carries is the last one."""

    function: str
    arguments: "tuple[Expression, ...]"


Expression: TypeAlias = Literal | Path | Call


@dataclass(frozen=True, slots=True)
class Text:
    """The author's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """A placeholder: the value of an expression."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class If:
    """The first branch whose expression is true, else *otherwise*."""

    branches: "tuple[tuple[Expression, tuple[Node, ...]], ...]"
    otherwise: "tuple[Node, ...]" = ()


@dataclass(frozen=True, slots=True)
class Range:
    """*body* once for each item, which is `.` inside; *otherwise* when there is none."""

    items: Expression
    body: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]" = ()


@dataclass(frozen=True, slots=True)
class With:
    """*body* with the value as `.`; *otherwise* when the value is empty."""

    value: Expression
    body: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]" = ()


Node: TypeAlias = Text | Output | If | Range | With
