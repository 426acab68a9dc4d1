"""The parameters of an API request: query string and form together, each possibly repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from punchingfist.lab.promql.wire import parse_time


@dataclass(frozen=True, slots=True)
class Parameters:
    """The form wins over the query string, as in Go's `FormValue`."""

    values: Mapping[str, Sequence[str]]

    @classmethod
    def parse(cls, query: str, form: str) -> "Parameters":
        values: dict[str, list[str]] = {}
        for text in (form, query):
            for name, found in parse_qs(text, keep_blank_values=True).items():
                values.setdefault(name, []).extend(found)
        return cls(values)

    def get(self, name: str) -> str:
        """Return the first value of *name*, empty when it was not given."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> Sequence[str]:
        return self.values.get(name, ())

    def time(self, name: str, default: int) -> int:
        """Return a time in Unix milliseconds, *default* when it was not given."""
        text = self.get(name)
        return parse_time(text, name) if text else default
