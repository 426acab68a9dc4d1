"""Take secrets out of an alert: whoever wrote it may have put one into a label or a text."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from punchingfist.domain.alerts import Alert
from punchingfist.domain.guardrails.redaction_documents import redact_document

# Members of a payload whose text stands in other fields too.
_SAID_ELSEWHERE: Final = frozenset(
    {"labels", "annotations", "status", "startsAt", "endsAt", "generatorURL", "fingerprint"}
)


def redact_alert(alert: Alert, redact: Callable[[str], str]) -> Alert:
    """Return *alert* without secrets; its fingerprint stays what its sender computed."""
    if _is_clean(alert, redact):
        return alert
    return replace(
        alert,
        name=redact(alert.name),
        labels=redact_document(dict(alert.labels), redact),
        annotations=redact_document(dict(alert.annotations), redact),
        group_key=redact(alert.group_key),
        generator_url=redact(alert.generator_url),
        payload=redact_document(dict(alert.payload), redact),
    )


def _is_clean(alert: Alert, redact: Callable[[str], str]) -> bool:
    """Search all of it at once: a storm has many alerts and few of them hold a secret."""
    if not alert.payload.keys() <= _SAID_ELSEWHERE:
        return False
    named = [*alert.labels.items(), *alert.annotations.items()]
    if any(value.lstrip().startswith(("{", "[")) for _, value in named):
        return False
    # Two spaces: a column, where the name alone decides.
    lines = [f"{name}:  {value}" for name, value in named]
    whole = "\n".join([alert.name, alert.group_key, alert.generator_url, *lines])
    return redact(whole) == whole
