"""Slack's Web API, as its documentation has it: one workspace, one bot, real HTTP on loopback."""

import json
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

import uvicorn
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

TOKEN = "xoxb-1111-2222-abcdefgh"
BOT = "U0BOT00001"
SCOPES = frozenset({"chat:write", "channels:history", "channels:read"})
_MOST_BLOCKS = 50
_LONGEST_TEXT = 40_000
_LONGEST_EDIT = 4_000


class Fault(StrEnum):
    """What goes wrong with a call."""

    HANG = "hang"
    """No answer, and nothing done."""
    LOSE_REPLY = "lose_reply"
    """Done, and the connection breaks before the answer."""
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it arrived."""

    method: str
    arguments: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass
class Message:
    """One message of a channel; *thread_ts* is its parent's `ts`."""

    ts: str
    text: str
    blocks: list[Any]
    metadata: Mapping[str, Any] | None
    thread_ts: str | None
    user: str = BOT
    edits: int = 0

    def shown(self, *, with_metadata: bool) -> dict[str, Any]:
        """Return it as the API does."""
        body: dict[str, Any] = {"type": "message", "user": self.user, "ts": self.ts}
        body["text"] = self.text
        body |= {"bot_id": "B0BOT00001", "blocks": self.blocks}
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if with_metadata and self.metadata:
            body["metadata"] = self.metadata
        return body

    @property
    def written(self) -> str:
        """Everything a reader sees in it."""
        return "\n".join(block["text"]["text"] for block in self.blocks)


@dataclass
class Channel:
    """A channel, and whether the bot is in it."""

    id: str
    name: str
    is_member: bool = True
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)
    posted_at: float = -1e9

    @property
    def parents(self) -> list[Message]:
        return [one for one in self.messages if one.thread_ts in {None, one.ts}]

    def replies(self, ts: str) -> list[Message]:
        return [one for one in self.messages if one.thread_ts == ts != one.ts]


class Refused(Exception):
    """`ok: false`, with Slack's word for why."""

    def __init__(self, code: str, **more: str) -> None:
        super().__init__(code)
        self.code, self.more = code, more


@dataclass
class _Script:
    """What is to go wrong with the next calls of *method* (any when empty)."""

    fault: Fault | Refused
    method: str
    times: int
    retry_after: int


class _LostReply(Response):
    """Begins an answer and breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class SlackPeer:
    """
    The workspace; a context manager that serves it on a thread of its own.

    *scopes* is what the bot may do, *seconds_a_message* limits each channel
    (1 there) and *page* is the longest page of a list.
    """

    def __init__(self) -> None:
        self._methods: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
            "chat.postMessage": ("chat:write", self._post),
            "chat.update": ("chat:write", self._update),
            "conversations.history": ("channels:history", self._history),
            "conversations.replies": ("channels:history", self._replies),
            "conversations.list": ("channels:read", self._list),
        }
        self._last_ts = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything: one server serves many tests."""
        self.scopes = SCOPES
        self.seconds_a_message = 0.0
        self.page = 100
        self.calls: list[Call] = []
        self.channels = [Channel("C0OPS00001", "ops-alerts")]
        self._scripts: list[_Script] = []

    # what a test says and sees ------------------------------------------------------------

    @property
    def ops(self) -> Channel:
        return self.channels[0]

    def said(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def fail_next(
        self, fault: Fault | str, *, method: str = "", times: int = 1, retry_after: int = 1
    ) -> None:
        """Let *fault*, or the `ok: false` of that word, meet the next calls of *method*."""
        what = fault if isinstance(fault, Fault) else Refused(fault)
        self._scripts.append(_Script(what, method, times, retry_after))

    def delete(self, message: Message) -> None:
        for channel in self.channels:
            channel.messages = [one for one in channel.messages if one is not message]

    # serving ------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        app = Starlette(routes=[Route("/api/{method}", self._answer, methods=["GET", "POST"])])
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(5)

    async def _answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        arguments = await _arguments(request, method)
        self.calls.append(Call(method, arguments, dict(request.headers)))
        script = self._next_fault(method)
        match script.fault if script else None:
            case Fault.HANG:
                await request.receive()  # which, the body being read, is the end of the connection
                return PlainTextResponse("too late", 504)
            case Fault.SERVER_ERROR:
                return PlainTextResponse("upstream is sad", 502)
            case Fault.RATE_LIMITED if script:
                return _slower(script.retry_after)
            case Refused() as refused:
                return _no(refused)
            case fault:
                answer = self._carry_out(method, arguments, request.headers.get("authorization"))
                return _LostReply() if fault is Fault.LOSE_REPLY else answer

    def _next_fault(self, method: str) -> _Script | None:
        for script in self._scripts:
            if script.method in {"", method} and script.times:
                script.times -= 1
                return script
        return None

    def _carry_out(
        self, method: str, arguments: dict[str, Any], authorization: str | None
    ) -> Response:
        try:
            act = self._admitted(method, authorization)
            return JSONResponse({"ok": True, **act(arguments)})
        except _TooFast:
            return _slower(1)
        except Refused as refused:
            return _no(refused)

    def _admitted(
        self, method: str, authorization: str | None
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        if not authorization:
            raise Refused("not_authed")
        if authorization != f"Bearer {TOKEN}":
            raise Refused("invalid_auth")
        if method not in self._methods:
            raise Refused("unknown_method")
        scope, act = self._methods[method]
        if scope not in self.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))
        return act

    # methods ------------------------------------------------------------------------------

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(arguments, by_name=True)
        if channel.is_archived:
            raise Refused("is_archived")
        if not channel.is_member:
            raise Refused("not_in_channel")
        text, blocks = _content(arguments, longest=_LONGEST_TEXT)
        thread = arguments.get("thread_ts")
        if thread and all(one.ts != thread for one in channel.messages):
            raise Refused("thread_not_found")
        now = time.monotonic()
        if now - channel.posted_at < self.seconds_a_message:
            raise _TooFast
        channel.posted_at = now
        message = Message(self._new_ts(), text, blocks, _metadata(arguments), thread)
        channel.messages.append(message)
        shown = message.shown(with_metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": shown}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(arguments)
        found = [one for one in channel.messages if one.ts == arguments.get("ts")]
        if not found:
            raise Refused("message_not_found")
        if found[0].user != BOT:
            raise Refused("cant_update_message")
        text, blocks = _content(arguments, longest=_LONGEST_EDIT)
        message = found[0]
        message.text, message.edits = text, message.edits + 1
        if "blocks" in arguments:
            message.blocks = blocks
        message.metadata = _metadata(arguments) or message.metadata
        return {"channel": channel.id, "ts": message.ts, "text": text}

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._readable(arguments)
        oldest = float(arguments.get("oldest") or 0)
        found = [one for one in reversed(channel.parents) if float(one.ts) > oldest]
        return self._paged("messages", self._shown(found, arguments), arguments)

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._readable(arguments)
        ts = arguments.get("ts")
        parent = [one for one in channel.parents if one.ts == ts]
        if not parent:
            raise Refused("thread_not_found")
        thread = [*parent, *channel.replies(str(ts))]
        return self._paged("messages", self._shown(thread, arguments), arguments)

    def _list(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = [{"id": one.id, "name": one.name, "is_channel": True} for one in self.channels]
        return self._paged("channels", found, arguments)

    def _shown(
        self, messages: Iterable[Message], arguments: dict[str, Any]
    ) -> list[dict[str, Any]]:
        with_metadata = str(arguments.get("include_all_metadata")).lower() in {"1", "true"}
        return [one.shown(with_metadata=with_metadata) for one in messages]

    def _paged(
        self, name: str, items: list[dict[str, Any]], arguments: dict[str, Any]
    ) -> dict[str, Any]:
        start = int(arguments.get("cursor") or 0)
        end = start + min(int(arguments.get("limit") or 100), self.page)
        cursor = str(end) if end < len(items) else ""
        more = {"has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}
        return {name: items[start:end], **more}

    def _readable(self, arguments: dict[str, Any]) -> Channel:
        channel = self._channel(arguments)
        if not channel.is_member:
            raise Refused("not_in_channel")
        return channel

    def _channel(self, arguments: dict[str, Any], *, by_name: bool = False) -> Channel:
        """Posting takes a name or an id; everything else an id alone."""
        wanted = str(arguments.get("channel") or "")
        for channel in self.channels:
            if wanted == channel.id or (by_name and wanted.removeprefix("#") == channel.name):
                return channel
        raise Refused("channel_not_found")

    def _new_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06}"


class _TooFast(Exception):
    """More than a message a second in one channel."""


def _slower(seconds: int) -> Response:
    body = {"ok": False, "error": "ratelimited"}
    return JSONResponse(body, 429, headers={"Retry-After": str(seconds)})


def _no(refused: Refused) -> Response:
    return JSONResponse({"ok": False, "error": refused.code, **refused.more})


async def _arguments(request: Request, method: str) -> dict[str, Any]:
    """Read the arguments; methods that read take no JSON, as Slack's do not."""
    arguments: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        arguments |= dict(parse_qsl(body.decode()))
    elif kind.startswith("application/json") and method.startswith("chat."):
        arguments |= json.loads(body)
    return arguments


def _content(arguments: dict[str, Any], *, longest: int) -> tuple[str, list[Any]]:
    text, blocks = str(arguments.get("text") or ""), arguments.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > longest:
        raise Refused("msg_too_long")
    if len(blocks) > _MOST_BLOCKS:
        raise Refused("invalid_blocks")
    for block in blocks:
        _check_block(block)
    return text, list(blocks)


def _check_block(block: Any) -> None:
    """Hold *block* against the limits that Slack's own library knows."""
    try:
        parsed = Block.parse(block)
        if parsed is None:
            raise Refused("invalid_blocks")
        parsed.validate_json()
    except (SlackObjectFormationError, TypeError) as wrong:
        raise Refused("invalid_blocks") from wrong
    text = block.get("text")
    if isinstance(text, dict) and not 1 <= len(text["text"]) <= 3000:
        raise Refused("invalid_blocks")


def _metadata(arguments: dict[str, Any]) -> Mapping[str, Any] | None:
    metadata = arguments.get("metadata")
    if metadata is None:
        return None
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_format")
    return metadata
