"""Take secrets out of text before anyone reads it: a model, a store, a log, a sink, a page."""

import base64
import json
from collections.abc import Callable, Collection
from urllib.parse import quote

from punchingfist.domain.guardrails.redaction_documents import redact_document, redact_yaml
from punchingfist.domain.guardrails.redaction_patterns import redact_patterns
from punchingfist.domain.guardrails.redaction_shapes import PLACEHOLDER

_SHORTEST_KNOWN = 4  # shorter values stand everywhere by chance


class Redactor:
    """
    Replaces secrets by `[redacted]`; doing it twice changes nothing more.

    *known* values are replaced wherever they stand, also encoded; the
    collection may grow later. JSON keeps its structure.
    """

    def __init__(self, known: Collection[str] = ()) -> None:
        self._known = known

    def __call__(self, text: str) -> str:
        """Return *text* without secrets."""
        text = self._without_known(text)
        document = _parse(text)
        if document is None:
            return _redact_text(text)
        clean = redact_document(document, _redact_leaf)
        if clean == document:
            return text
        return json.dumps(clean, indent=4, ensure_ascii=False) + "\n"

    def _without_known(self, text: str) -> str:
        forms = {form for value in tuple(self._known) for form in _forms(value)}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, PLACEHOLDER)
        return text


def _redact_text(text: str) -> str:
    return redact_yaml(redact_patterns(text))


def _redact_leaf(text: str) -> str:
    """Clean one text of a document; it may be a document itself, written into a field."""
    document = _parse(text)
    if document is None:
        return _redact_text(text)
    clean = redact_document(document, _redact_leaf)
    return text if clean == document else json.dumps(clean, ensure_ascii=False)


def _parse(text: str) -> object | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document


def _forms(value: str) -> set[str]:
    """Return *value* as it may be written: plain, in JSON, in a URL, in base64."""
    if len(value) < _SHORTEST_KNOWN:
        return set()
    encodings: tuple[Callable[[str], str], ...] = (
        str,
        str.strip,
        lambda plain: json.dumps(plain)[1:-1],
        lambda plain: json.dumps(plain, ensure_ascii=False)[1:-1],
        lambda plain: quote(plain, safe=""),
        lambda plain: base64.b64encode(plain.encode()).decode(),
    )
    written = {encode(value) for encode in encodings}
    return {form for form in written if len(form) >= _SHORTEST_KNOWN}
