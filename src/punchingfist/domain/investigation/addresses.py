"""Which Services the settings of a workload name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from punchingfist.domain.investigation.containers import Container
from punchingfist.domain.investigation.findings import Quote
from punchingfist.domain.investigation.pages import Seen, is_list, mapping, mappings

_NAME: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_HOST: Final = re.compile(
    rf"(?:(?P<before>://|@|=|,|\s)|^)(?P<host>{_NAME}(?:\.{_NAME})*)(?P<port>:\d+)?(?=$|[/,;?&\s])"
)
# Two-part hosts that end so are names of the outside world, not SERVICE.NAMESPACE.
_OUTSIDE: Final = frozenset({"com", "net", "org", "io", "dev", "cloud", "local", "internal", "app"})
# A bare word is a host only where the setting's name says so: CACHE_TYPE=redis names none.
_ADDRESS_KEY: Final = re.compile(
    r"(HOST|ADDR|URL|URI|DSN|SERVER|SERVICE|ENDPOINT|BROKER|NODES?|UPSTREAM|BACKEND)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Address:
    """A Service somebody's settings name, as *quote* shows."""

    service: str
    namespace: str
    setting: str
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a container or ConfigMap, and the line it stands in."""

    key: str
    value: str
    quote: Quote | None


def addresses(setting: Setting, namespace: str) -> Iterator[Address]:
    """Return the Services *setting* may name, seen from *namespace*; most are no Service at all."""
    for match in _HOST.finditer(setting.value):
        name, *rest = match["host"].split(".")
        certain = match["port"] or match["before"] in {"://", "@"} or rest
        if not certain and not _ADDRESS_KEY.search(setting.key):
            continue
        if rest and (rest[1:2] not in ([], ["svc"]) or rest[0] in _OUTSIDE):
            continue
        place = rest[0] if rest else namespace
        yield Address(name, place, setting.key, setting.quote)


def container_settings(container: Container) -> Iterator[Setting]:
    """Return what stands in the container's own definition: environment, command, arguments."""
    for entry in mappings(container.spec.get("env")):
        value = entry.get("value")
        if isinstance(value, str):
            key = str(entry.get("name"))
            yield Setting(key, value, container.owner.quote("value", value))
    for key in ("command", "args"):
        for value in _strings(container.spec.get(key)):
            yield Setting(value.split("=")[0], value, container.owner.page.quote_item(value))


def config_settings(config: Seen) -> Iterator[Setting]:
    """Return the lines of a ConfigMap's values; `key=value` and `key: value` lines are settings."""
    for key, text in sorted(config.mapping("data").items()):
        quote = config.quote(key, text)
        for line in str(text).split("\n"):
            name, divider, value = re.sub(r"^\s*([\w.-]+)\s*[:=]\s*", r"\1\0", line).partition("\0")
            setting = (name, value) if divider else (key, line)
            yield Setting(*setting, quote or config.page.quote(line))


def config_names(container: Container) -> Iterator[str]:
    """Return the ConfigMaps the container reads into its environment."""
    sources = [mapping(entry.get("valueFrom")) for entry in mappings(container.spec.get("env"))]
    keys = [mapping(source.get("configMapKeyRef")) for source in sources]
    froms = mappings(container.spec.get("envFrom"))
    whole = [mapping(entry.get("configMapRef")) for entry in froms]
    yield from (str(ref["name"]) for ref in (*keys, *whole) if ref.get("name"))


def _strings(node: Any) -> Iterator[str]:
    yield from (one for one in (node if is_list(node) else ()) if isinstance(one, str))
