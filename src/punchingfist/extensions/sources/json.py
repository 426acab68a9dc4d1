"""JSON of any shape, read by the templates of the source's `mapping`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.foreign_alerts import foreign_alert
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.json_fields import list_of, time_of, wrong
from punchingfist.domain.resources.json_mapping import JsonMapping
from punchingfist.domain.resources.sources import WebhookConfig
from punchingfist.domain.storable import storable
from punchingfist.domain.workflows.templates import Scope, Template, evaluate, is_truthy, render
from punchingfist.domain.workflows.templates import parse as parse_template
from punchingfist.errors import InvalidInput
from punchingfist.ports.source import Parse, WebhookFormat

_LONGEST_KEY = 255


def parser(config: WebhookConfig) -> Parse:
    """Return the parse that reads as *config* maps."""
    assert config.mapping is not None, "the model asks for one"
    mapping = _Mapping.of(config.mapping)

    def parse(body: Any, headers: Mapping[str, str]) -> tuple[Alert, ...]:
        """Return the alerts of *body*; one that cannot be read raises `InvalidInput`."""
        return mapping.read(storable(body))

    return parse


@dataclass(frozen=True, slots=True)
class _Mapping:
    """The templates by the field they fill, parsed once."""

    items: str | None
    fields: Mapping[str, Template]
    labels: Mapping[str, Template]
    annotations: Mapping[str, Template]

    @classmethod
    def of(cls, mapping: JsonMapping) -> "_Mapping":
        written = {
            "name": mapping.name,
            "status": mapping.status,
            "firing": mapping.firing,
            "severity": mapping.severity,
            "fingerprint": mapping.fingerprint,
            "groupKey": mapping.group_key,
            "startsAt": mapping.starts_at,
            "endsAt": mapping.ends_at,
        }
        return cls(
            mapping.items,
            {name: parse_template(text) for name, text in written.items() if text is not None},
            {name: parse_template(text) for name, text in mapping.labels.items()},
            {name: parse_template(text) for name, text in mapping.annotations.items()},
        )

    def read(self, body: Json) -> tuple[Alert, ...]:
        return tuple(
            self._alert(item, {"alert": item, "body": body}, f"alerts[{at}]: mapping")
            for at, item in enumerate(self._items(body))
        )

    def _items(self, body: Json) -> Sequence[Json]:
        if self.items is not None:
            found = evaluate(f".body.{self.items}", {"body": body})
            return [found] if isinstance(found, Mapping) else list_of(found, self.items)
        return [body] if isinstance(body, Mapping) else list_of(body, "body", "an object or a list")

    def _alert(self, item: Json, scope: Scope, place: str) -> Alert:
        said = {name: _render(one, scope, f"{place}.{name}") for name, one in self.fields.items()}
        labels = _render_all(self.labels, scope, f"{place}.labels")
        name = said["name"]
        if not name:
            raise wrong(f"{place}.name", name, "a name; the alert needs one")
        labels = {**labels, **({"severity": said["severity"]} if said.get("severity") else {})}
        identity = said.get("fingerprint", "")
        if len(identity) > _LONGEST_KEY:
            raise wrong(f"{place}.fingerprint", identity, f"at most {_LONGEST_KEY} characters")
        alert = foreign_alert(
            name,
            firing=_is_firing(said, place),
            identity={"alertname": name, **{key: text for key, text in labels.items() if text}},
            labels=labels,
            annotations=_render_all(self.annotations, scope, f"{place}.annotations"),
            at=(
                time_of(said.get("startsAt", ""), f"{place}.startsAt"),
                time_of(said.get("endsAt", ""), f"{place}.endsAt"),
            ),
            payload=_as_object(item),
        )
        mark = identity or alert.fingerprint
        return replace(alert, fingerprint=mark, group_key=said.get("groupKey") or mark)


def _is_firing(said: Mapping[str, str], place: str) -> bool:
    if "firing" in said:
        return is_truthy(said["firing"])
    status = said.get("status", "firing")
    if status not in {"firing", "resolved"}:
        raise wrong(f"{place}.status", status, "'firing' or 'resolved'")
    return status == "firing"


def _render_all(templates: Mapping[str, Template], scope: Scope, place: str) -> dict[str, str]:
    return {name: _render(one, scope, f"{place}.{name}") for name, one in templates.items()}


def _render(template: Template, scope: Scope, field: str) -> str:
    try:
        return render(template, scope).strip()
    except InvalidInput as error:
        raise InvalidInput(f"{field}: {error}", field=field) from error


def _as_object(item: Json) -> JsonObject:
    return item if isinstance(item, Mapping) else {"value": item}


FORMAT = WebhookFormat("json", parser)
