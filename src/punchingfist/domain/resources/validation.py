"""What Pydantic found wrong, in words a person can act on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from punchingfist.domain.resources.model import (
    NAME_PATTERN,
    STEP_NAME_PATTERN,
    URL_PATH_PATTERN,
)
from punchingfist.domain.yaml_tree import Path
from punchingfist.errors import InvalidInput

_SECRET_FIELD = re.compile(r"(token|key|secret|password|connectionstring)$", re.IGNORECASE)
_KINDS = {
    "string_type": "a text; put it in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a map; indent its fields below",
    "model_type": "a map; indent its fields below",
    "model_attributes_type": "a map; indent its fields below",
    "tuple_type": "a list; start each item with '-'",
}
_PATTERNS = {
    NAME_PATTERN: "use small letters, digits, '-' and '.', with a letter or digit at both ends",
    STEP_NAME_PATTERN: "use letters, digits and '_', with '-' only in between",
    URL_PATH_PATTERN: "start it with '/' and use no spaces, '?' or '#'",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong: where, what and how to put it right."""

    path: Path
    message: str
    value: Any = None


def is_secret_field(name: str) -> bool:
    """Tell whether a field of this name holds something nobody may see."""
    return _SECRET_FIELD.search(name) is not None


def field_text(path: Path) -> str:
    """Write a path as people do: `spec.steps[1].goal`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def flaws(error: ValidationError, model: type[BaseModel], prefix: Path = ()) -> Iterator[Flaw]:
    """Translate each error of *error*, placed below *prefix*."""
    found = error.errors(include_url=False)
    for each in found:
        location: Path = tuple(part for part in each["loc"] if part != "[key]")
        if each["type"] == "too_short" and any(
            other is not each and other["loc"][: len(location)] == location for other in found
        ):
            continue  # Pydantic counts only the items that are right
        path = prefix + location
        value = None if path and is_secret_field(str(path[-1])) else each["input"]
        if each["type"] == "extra_forbidden":
            hint = _suggestion(str(location[-1]), model, location[:-1])
            yield Flaw(path, f"the field is unknown; {hint}", value)
        else:
            yield Flaw(path, _message(each, value), value)


def _message(error: ErrorDetails, value: Any) -> str:
    kind, text, context = error["type"], error["msg"], error.get("ctx", {})
    match kind:
        case "missing":
            return "the field is missing; add it"
        case "too_short":
            return "it is empty; add at least one"
        case "value_error":
            return str(context["error"])
        case "literal_error" | "enum":
            problem = f"is unknown; use {context['expected']}"
        case "string_pattern_mismatch":
            problem = f"does not fit; {_PATTERNS.get(context['pattern'], context['pattern'])}"
        case _ if kind in _KINDS:
            problem = f"is not {_KINDS[kind]}"
        case _:
            problem = f"does not fit; {text[:1].lower()}{text[1:]}"
    return f"{_shown(value)} {problem}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _suggestion(unknown: str, model: type[BaseModel], location: Path) -> str:
    owner = _model_at(model, location)
    names = [field.alias or name for name, field in owner.model_fields.items()] if owner else []
    near = get_close_matches(unknown, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"use one of {', '.join(names)}" if names else "remove it"


def _model_at(model: type[BaseModel], location: Path) -> type[BaseModel] | None:
    annotation: Any = model
    for part in location:
        owner = _first_model(annotation)
        if isinstance(part, int) or get_origin(annotation) is dict:
            annotation = get_args(annotation)[-1] if get_origin(annotation) is dict else annotation
            continue
        if owner is None:
            return None
        fields = owner.model_fields
        found = next((f for name, f in fields.items() if part in {f.alias, name}), None)
        if found is None:
            return None
        annotation = found.annotation
    return _first_model(annotation)


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_first_model, get_args(annotation))), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """Builds the errors of one resource of one file."""

    file: str | None
    title: str

    def at(self, path: Path, line: int | None, message: str, value: Any = None) -> InvalidInput:
        field = field_text(path)
        where = f"{self.title} {field}".strip()
        return InvalidInput(
            f"{where}: {message}", field=field or None, value=value, file=self.file, line=line
        )
