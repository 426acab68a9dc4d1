"""Everything wrong with a set of resources, told at once."""

from collections.abc import Iterable

from punchingfist.errors import InvalidInput


class InvalidResources(InvalidInput):
    """One or more `InvalidInput`; the message has a line for each."""

    def __init__(self, problems: Iterable[InvalidInput]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__("\n".join(map(str, self.problems)), field=first.field, value=first.value)
        self.file, self.line = first.file, first.line
