"""Ask Prometheus a PromQL query, parsed before it is sent."""

import asyncio
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.json import Json, JsonObject
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.ports.http import Endpoint, HttpReply
from punchingfist.ports.tool import Plan, ToolOutput, ToolSpec, ToolType
from punchingfist.ports.world import World

_NO_PROMETHEUS = "no Prometheus is configured; set PROMETHEUS_URL or the tool's endpoint"
_RELATIVE = re.compile(r"(?:now)?(?:-(?P<ago>(?:\d+(?:ms|[smhdwy]))+))?")
_SECONDS = re.compile(r"\d{9,11}(?:\.\d+)?")
_MORE_THAN_A_PLACE = re.compile(r"[?#\\\s]|/\.\.?(?:/|$)|[^\x21-\x7e]")
_LONGEST_QUERY = 4096
"""The parser recurses on the stack of the machine: deep nesting would end the process."""
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+|\d+(?:\.\d+)?")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_STEPS = 120
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "description": "one PromQL expression"},
        "time": {"type": "string", "description": "the instant: RFC 3339, seconds or -15m"},
        "start": {"type": "string", "description": "of a range: RFC 3339, seconds or -1h"},
        "end": {"type": "string", "description": "of a range; now when absent"},
        "step": {"type": "string", "description": "of a range: 30s, 5m"},
    },
    "required": ["query"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class _Query:
    """What to ask; *start* makes it a range. Times stay as typed until they are sent."""

    query: str
    time: str = ""
    start: str = ""
    end: str = ""
    step: str = ""

    def __str__(self) -> str:
        given = (("time", self.time), ("start", self.start), ("end", self.end), ("step", self.step))
        flags = "".join(f" --{name} {shlex.quote(value)}" for name, value in given if value)
        return f"promql {shlex.quote(self.query)}{flags}"

    def form(self, now: datetime) -> dict[str, str]:
        """Return the form to post, every time absolute."""
        if not self.start:
            return {"query": self.query, "time": _text(_instant(self.time or "now", now))}
        start, end = _instant(self.start, now), _instant(self.end or "now", now)
        if end < start:
            raise InvalidInput(f"promql: end {self.end!r} lies before start {self.start!r}")
        step = self.step or f"{max(15, round((end - start) / _STEPS))}s"
        return {"query": self.query, "start": _text(start), "end": _text(end), "step": step}


class Promql:
    """Queries the endpoint of the step, or else the Prometheus of this installation."""

    def __init__(self, spec: ToolSpec, world: World) -> None:
        self._world = world
        self._endpoint = _endpoint(spec.endpoint, world.prometheus)

    def plan(self, arguments: Mapping[str, Json]) -> Plan:
        """Parse the query and its times; nothing is sent."""
        query = _parse(arguments)
        query.form(self._world.clock.now())
        return Plan(str(query), Risk.READ)

    async def run(
        self, arguments: Mapping[str, Json], *, timeout_seconds: float, limit_bytes: int
    ) -> ToolOutput:
        """Send what `plan` accepted."""
        query, endpoint = _parse(arguments), self._endpoint
        if endpoint is None:
            return ToolOutput(Outcome.FAILED, "", gap=_NO_PROMETHEUS)
        path = "query_range" if query.start else "query"
        shown = _without_user(endpoint.url)
        try:
            async with asyncio.timeout(timeout_seconds):
                reply = await self._world.http.request(
                    "POST",
                    f"{endpoint.url.rstrip('/')}/api/v1/{path}",
                    headers=endpoint.headers,
                    form=query.form(self._world.clock.now()),
                    # The whole must end in time; the client's own limit must not be met first.
                    timeout_seconds=timeout_seconds + 1,
                    limit_bytes=limit_bytes,
                )
        except TimeoutError:
            gap = f"Prometheus at {shown} gave no answer within {timeout_seconds:g} s"
            return ToolOutput(Outcome.TIMED_OUT, "", gap=gap)
        except Unavailable as error:
            gap = f"Prometheus at {shown} cannot be reached: {error}"
            return ToolOutput(Outcome.FAILED, "", gap=gap)
        return _judge(reply, shown)


def _endpoint(asked: str, configured: Endpoint | None) -> Endpoint | None:
    """Return where to ask; our token goes only to the server it was configured for."""
    if not asked:
        return configured
    url = urlsplit(asked)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise InvalidInput(f"promql: endpoint {asked!r} is no URL; write http://host:9090")
    if _MORE_THAN_A_PLACE.search(asked) or "%" in url.path:
        # Our path is put behind it: a query or a path upwards would make it another call.
        raise InvalidInput(
            f"promql: endpoint {asked!r} says more than a place; write http://host:9090/path"
        )
    ours = configured is not None and _origin(configured.url) == _origin(asked)
    return Endpoint(asked, configured.headers if configured and ours else {})


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _parse(arguments: Mapping[str, Json]) -> _Query:
    known = ("query", "time", "start", "end", "step")
    for name, value in arguments.items():
        if name not in known:
            raise InvalidInput(f"promql: {name!r} is unknown; use {', '.join(known)}", field=name)
        if value is not None and not isinstance(value, str | int | float):
            raise InvalidInput(f"promql: {name} {value!r} is no text", field=name, value=value)
    given = {name: str(value).strip() for name, value in arguments.items() if value is not None}
    query = _Query(given.pop("query", ""), **given)
    _check_expression(query.query)
    if query.step and not _DURATION.fullmatch(query.step):
        raise InvalidInput(f"promql: step {query.step!r} is no duration; write 30s or 5m")
    if (query.end or query.step) and not query.start:
        raise InvalidInput("promql: a range needs its start; write start, for instance -1h")
    if query.time and query.start:
        raise InvalidInput("promql: both an instant and a range; give time or start, not both")
    return query


def _check_expression(query: str) -> None:
    import promql_parser  # a compiled module; loaded by whoever asks a query

    if len(query) > _LONGEST_QUERY:
        raise InvalidInput(
            f"promql: a query of {len(query)} characters; write at most {_LONGEST_QUERY}",
            field="query",
        )
    try:
        promql_parser.parse(query)
    except ValueError as error:
        raise InvalidInput(f"promql {query!r}: {error}", field="query", value=query) from None


def _instant(text: str, now: datetime) -> float:
    """Return seconds since 1970 of `now`, `-15m`, `now-1h`, RFC 3339 or seconds."""
    relative = _RELATIVE.fullmatch(text)
    if relative and text:
        return (now - _span(relative["ago"] or "")).timestamp()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"promql: {text!r} is no time; write -1h, RFC 3339 or seconds") from None
    if at.tzinfo is None:
        raise InvalidInput(f"promql: {text!r} has no zone; add Z")
    return at.timestamp()


def _span(text: str) -> timedelta:
    parts = re.findall(r"(\d+)(ms|[smhdwy])", text)
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def _text(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _judge(reply: HttpReply, shown: str) -> ToolOutput:
    text = reply.body.decode(errors="replace")
    if reply.truncated:
        gap = (
            f"the answer of Prometheus at {shown} is larger than {len(reply.body)} bytes; sum it up"
        )
        return ToolOutput(Outcome.FAILED, text, reply.status, truncated=True, gap=gap)
    answer = _parse_reply(text)
    if answer is None:
        gap = f"Prometheus at {shown}: HTTP {reply.status}{_hint(reply.status)}"
        return ToolOutput(Outcome.FAILED, text, reply.status, gap=gap)
    if answer["status"] != "success":
        said = f"{answer.get('errorType', 'error')}: {answer.get('error', 'no reason given')}"
        gap = f"Prometheus at {shown} refused the query: {said}"
        return ToolOutput(Outcome.FAILED, text, reply.status, gap=gap)
    told = {key: answer[key] for key in ("warnings", "infos") if answer.get(key)}
    return ToolOutput(Outcome.SEEN, _render({**answer["data"], **told}), 0)


def _parse_reply(text: str) -> dict[str, Any] | None:
    """Return Prometheus's envelope, None when somebody else answered."""
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "status" in answer else None


def _hint(status: int) -> str:
    if status in {401, 403}:
        return "; set PROMETHEUS_TOKEN"
    return "; is this the address of a Prometheus?" if status < 500 else ""


def _render(data: Mapping[str, Any]) -> str:
    """Return JSON with a line for each series and each sample, so that one line can be quoted."""
    result = data.get("result")
    fields = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in data.items()
        if key != "result"
    ]
    is_list = isinstance(result, list) and bool(result) and isinstance(result[0], dict)
    shown = (
        "[\n" + ",\n".join(map(_series, result or ())) + "\n  ]" if is_list else json.dumps(result)
    )
    return "{\n" + ",\n".join([*fields, f'  "result": {shown}']) + "\n}\n"


def _series(series: Mapping[str, Any]) -> str:
    parts = ",\n     ".join(_parts(series)) if "values" in series else ", ".join(_parts(series))
    return f"    {{{parts}}}"


def _parts(series: Mapping[str, Any]) -> Iterator[str]:
    for key, value in series.items():
        if key == "values":
            samples = ",\n".join(f"      {json.dumps(sample)}" for sample in value)
            yield f'"values": [\n{samples}\n     ]'
        else:
            yield f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"


TOOL = ToolType(
    "promql",
    "Ask Prometheus one PromQL query, at an instant or over a range (start, end, step).",
    _SCHEMA,
    Promql,
)
