"""The looks this project makes, and how to read back what a look asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from punchingfist.domain.investigation.evidence import Look
from punchingfist.domain.investigation.pages import is_list
from punchingfist.domain.json import Json

KUBECTL: Final = "kubectl"
PROMQL: Final = "promql"
EVERYWHERE: Final = "*"

_SHORT: Final = {"-n": "namespace", "-c": "container", "-o": "output", "-l": "selector"}
_VALUED: Final = frozenset({"namespace", "container", "output", "selector", "tail", "since"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A kubectl call taken apart; *namespace* is `*` for all of them."""

    verb: str
    words: tuple[str, ...]
    flags: Mapping[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        everywhere = self.flags.get("all-namespaces", "false") != "false"
        return EVERYWHERE if everywhere else self.flags.get("namespace", "")

    @property
    def lists(self) -> frozenset[str]:
        """The plurals this call lists completely; none when it names or selects objects."""
        whole = self.verb == "get" and len(self.words) == 1 and "/" not in self.words[0]
        narrowed = {"selector", "field-selector"} & self.flags.keys()
        return frozenset(self.words[0].split(",")) if whole and not narrowed else frozenset()


def asked_kubectl(arguments: Mapping[str, Json]) -> Asked:
    """Take the `args` of a kubectl look apart; flags may be long, short or glued."""
    given = arguments.get("args")
    words: list[str] = []
    flags: dict[str, str] = {}
    pending = ""
    for arg in map(str, given if isinstance(given, Iterable) and is_list(given) else ()):
        if pending:
            flags[pending], pending = arg, ""
        elif arg in {"-A", "-p"}:
            flags["all-namespaces" if arg == "-A" else "previous"] = "true"
        elif arg[:2] in _SHORT and not arg.startswith("--"):
            pending = _SHORT[arg[:2]]
            if arg[2:]:
                flags[pending], pending = arg[2:].removeprefix("="), ""
        elif arg.startswith("--"):
            name, equals, value = arg[2:].partition("=")
            flags[name] = value if equals else "true"
            pending = name if not equals and name in _VALUED else ""
        else:
            words.append(arg)
    return Asked(words[0] if words else "", tuple(words[1:]), flags)


def list_look(plurals: Iterable[str], namespace: str, why: str, *extra: str) -> Look:
    """Return the look that lists *plurals* of one namespace, of all (`*`), or cluster-wide ones."""
    return _get((",".join(plurals),), namespace, why, extra)


def get_look(plural: str, name: str, namespace: str, why: str) -> Look:
    return _get((plural, name), namespace, why)


def logs_look(
    pod: str, container: str, namespace: str, why: str, *, previous: bool = False
) -> Look:
    flags = [f"--namespace={namespace}", f"--container={container}"]
    flags += ["--previous"] if previous else []
    return Look(KUBECTL, {"args": ["logs", pod, *flags, "--tail=200"]}, why)


def promql_look(query: str, why: str) -> Look:
    return Look(PROMQL, {"query": query}, why)


def _get(words: tuple[str, ...], namespace: str, why: str, extra: tuple[str, ...] = ()) -> Look:
    everywhere = ["--all-namespaces"] if namespace == EVERYWHERE else [f"--namespace={namespace}"]
    place = everywhere if namespace else []
    return Look(KUBECTL, {"args": ["get", *words, *place, "--output=json", *extra]}, why)
