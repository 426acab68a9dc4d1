"""Read a kubectl command line into one canonical command, or say why it is not one."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from punchingfist.domain.guardrails.kubectl_grammar import (
    ASSIGNMENT,
    CLUSTER_WIDE,
    NAME,
    TYPE,
    VERBS,
    WHY_NOT,
    WORD,
    Shape,
    Verb,
)
from punchingfist.domain.guardrails.kubectl_words import (
    plain_word,
    split_line,
    take_flags,
    take_verb,
)
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.errors import InvalidInput, Refused

_MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class Target:
    """A kind, as typed in lower case, and the one object of it that is meant, if one is."""

    type: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class KubectlCommand:
    """
    One command as it will be run, whatever was typed.

    *verb* is one or two words. *words* are arguments that are no objects: the
    verb of `auth can-i`, the assignments of `label`. *flags* go by long name,
    a switch being `true` or `false`. *namespace* is empty when cluster-wide.
    """

    verb: str
    risk: Risk
    targets: tuple[Target, ...] = ()
    words: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        return self.flags.get("namespace", "")

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(target.type for target in self.targets))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(target.name for target in self.targets if target.name is not None)

    def is_set(self, switch: str) -> bool:
        return self.flags.get(switch) == "true"

    @property
    def argv(self) -> tuple[str, ...]:
        """The canonical arguments behind `kubectl`, in one order and one spelling."""
        flags = (
            f"--{name}" if value == "true" else f"--{name}={value}"
            for name, value in self.flags.items()
        )
        return (*self.verb.split(), *self._arguments(), *flags)

    def __str__(self) -> str:
        return shlex.join(("kubectl", *self.argv))

    def _arguments(self) -> tuple[str, ...]:
        if self.verb in {"cordon", "uncordon", "drain"}:
            return self.names
        if self.verb == "auth can-i":
            return (*self.words, *(_slashed(target) for target in self.targets))
        if self.verb == "logs":
            return tuple(_bare(target) for target in self.targets)
        if not self.names:
            return (",".join(self.resources),) if self.targets else ()
        if len(self.resources) == 1:
            return (*self.resources, *self.names, *self.words)
        return (*(_slashed(target) for target in self.targets), *self.words)


def _slashed(target: Target) -> str:
    return f"{target.type}/{target.name}" if target.name is not None else target.type


def _bare(target: Target) -> str:
    is_pod = target.type in {"pods", "pod", "po"}
    return target.name if is_pod and target.name is not None else _slashed(target)


def parse_kubectl(line: str | Sequence[str], *, default_namespace: str = "") -> KubectlCommand:
    """
    Return the command *line* means: text as a person types it, or its words.

    A namespaced command that names no namespace gets *default_namespace*.

    Raises:
        InvalidInput: the line makes no sense; says what would.
        Refused: a verb, flag or kind that is not allowed.
    """
    words = split_line(line) if isinstance(line, str) else [plain_word(word) for word in line]
    if words and words[0] == "kubectl":
        del words[0]
    if len(words) > _MOST_WORDS:
        raise InvalidInput(f"kubectl: {len(words)} words are too many; use at most {_MOST_WORDS}")
    verb, rest = take_verb(words)
    grammar = VERBS[verb]
    flags, arguments = take_flags(verb, grammar, rest)
    command = _read_arguments(verb, grammar, arguments, flags)
    _check(command, grammar)
    return _complete(command, grammar, default_namespace)


def _read_arguments(
    verb: str, grammar: Verb, arguments: list[str], flags: dict[str, str]
) -> KubectlCommand:
    targets: tuple[Target, ...] = ()
    words: tuple[str, ...] = ()
    match grammar.shape:
        case Shape.NOTHING:
            if arguments:
                raise InvalidInput(
                    f"kubectl {verb}: {arguments[0]!r} is too much; use --for TYPE/NAME"
                )
        case Shape.LOGS:
            targets = _log_target(arguments, flags)
        case Shape.NODE:
            targets = tuple(Target("nodes", _name(one)) for one in arguments)
        case Shape.QUESTION:
            targets, words = _question(arguments)
        case Shape.ASSIGNMENTS:
            words = tuple(one for one in arguments if ASSIGNMENT.fullmatch(one))
            targets = _objects(verb, grammar, [one for one in arguments if one not in words])
        case _:
            targets = _objects(verb, grammar, arguments)
    return KubectlCommand(verb, grammar.risk, targets, words, flags)


def _objects(verb: str, grammar: Verb, arguments: list[str]) -> tuple[Target, ...]:
    if not arguments:
        raise InvalidInput(f"kubectl {verb}: nothing is named; write {grammar.shape}")
    if any("/" in one for one in arguments):
        return tuple(_object(verb, one) for one in arguments)
    types = [_type(one) for one in arguments[0].split(",")]
    names: list[str | None] = [_name(one) for one in arguments[1:]]
    return tuple(Target(one, name) for one in types for name in (names or [None]))


def _object(verb: str, argument: str) -> Target:
    one, slash, name = argument.partition("/")
    if not slash:
        raise InvalidInput(
            f"kubectl {verb}: {argument!r} stands beside TYPE/NAME; write each as TYPE/NAME"
        )
    return Target(_type(one), _name(name))


def _log_target(arguments: list[str], flags: dict[str, str]) -> tuple[Target, ...]:
    if not arguments:
        return ()
    first, *more = arguments
    if len(more) > 1 or (more and "container" in flags):
        raise InvalidInput(f"kubectl logs: {more[-1]!r} is too much; write {Shape.LOGS}")
    if more:
        flags["container"] = _name(more[0])
    return (_object("logs", first) if "/" in first else Target("pods", _name(first)),)


def _question(arguments: list[str]) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    if len(arguments) != 2 or not WORD.fullmatch(arguments[0]):
        raise InvalidInput(f"kubectl auth can-i: write {Shape.QUESTION}")
    verb, what = arguments
    one, slash, name = what.partition("/")
    return (Target(_type(one), _name(name) if slash else None),), (verb,)


def _type(text: str) -> str:
    kind = text.lower()
    if not TYPE.fullmatch(kind):
        raise InvalidInput(
            f"kubectl: {text!r} is no kind of object; write pods or deployments.apps"
        )
    return kind


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise InvalidInput(f"kubectl: {text!r} is no name of an object", value=text)
    return text


def _check(command: KubectlCommand, grammar: Verb) -> None:
    verb = command.verb
    about = command.flags.get("for", "").partition("/")[0]
    for kind in (*command.resources, about):
        if verb != "auth can-i" and kind.partition(".")[0] in {"secret", "secrets"}:
            raise Refused("kubectl: secrets are never looked at; look at what mounts them")
    if grammar.types and not set(command.resources) <= grammar.types and verb != "logs":
        raise InvalidInput(
            f"kubectl {verb}: {', '.join(command.resources)} cannot be asked for; "
            f"use one of {', '.join(sorted(one for one in grammar.types if '.' not in one))}"
        )
    if grammar.named and len(command.names) < len(command.targets or (None,)):
        raise InvalidInput(f"kubectl {verb}: no object is named; write {grammar.shape}")
    if grammar.shape in {Shape.ONE_OBJECT, Shape.ASSIGNMENTS} and len(command.targets) > 1:
        raise InvalidInput(f"kubectl {verb}: one object at a time; write {grammar.shape}")
    if verb == "logs" and bool(command.targets) == ("selector" in command.flags):
        raise InvalidInput(f"kubectl logs: name one pod or give a selector; write {Shape.LOGS}")
    _check_flags(command, grammar)


def _check_flags(command: KubectlCommand, grammar: Verb) -> None:
    verb, flags = command.verb, command.flags
    for needed in grammar.needs:
        if needed not in flags:
            raise InvalidInput(f"kubectl {verb}: --{needed} is missing; say how it shall be")
    if command.is_set("watch"):
        raise Refused(f"kubectl {verb}: --watch is not allowed; {WHY_NOT['watch']}")
    if command.is_set("all-namespaces") and "namespace" in flags:
        raise InvalidInput(f"kubectl {verb}: both one namespace and all; give one of them")
    if command.is_set("all-namespaces") and command.names and verb in {"get", "describe", "top"}:
        raise InvalidInput(f"kubectl {verb}: a name needs its namespace; use --namespace")
    if command.names and ("selector" in flags or "field-selector" in flags):
        raise InvalidInput(f"kubectl {verb}: both names and a selector; give one of them")


def _complete(command: KubectlCommand, grammar: Verb, default_namespace: str) -> KubectlCommand:
    flags = dict(command.flags)
    everywhere = command.is_set("all-namespaces") or (
        bool(command.resources) and set(command.resources) <= CLUSTER_WIDE
    )
    if everywhere:
        flags.pop("namespace", None)
    elif default_namespace and "namespace" in grammar.flags:
        flags.setdefault("namespace", default_namespace)
    for name, value in grammar.defaults.items():
        flags.setdefault(name, value)
    ordered = {name: flags[name] for name in grammar.flags if name in flags}
    to_nothing = command.verb == "scale" and int(flags["replicas"]) == 0
    risk = Risk.DESTRUCTIVE if to_nothing else grammar.risk
    return replace(command, flags=ordered, risk=risk)
