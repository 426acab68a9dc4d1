"""Keep one Slack message for each incident up to date, with its details in the thread."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from punchingfist.domain.json import JsonObject
from punchingfist.domain.messages import Message, Moment
from punchingfist.domain.resources.model import is_reference
from punchingfist.domain.resources.sinks import SlackConfig
from punchingfist.domain.slack_message import Said, render_detail, render_parent
from punchingfist.errors import DeliveryFailed, NotFound, Unavailable
from punchingfist.ports.sink import SinkType
from punchingfist.ports.world import World

_EVENT = "punchingfist_delivery"
_MAY_BE_A_REPEAT = " (may be a repeat)"
_CLOCKS_DIFFER_SECONDS = 300
_MOST_PAGES = 10
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_TOKEN = re.compile(r"[!-~]+")
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_UNSHOWABLE = frozenset({"invalid_blocks", "msg_blocks_too_long", "msg_too_long"})
_BUSY = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout"})
_BROKEN = frozenset({"fatal_error", "internal_error"})  # it may have been done all the same
_CHECK_BOT = "check its bot token"
_HINTS = {
    "invalid_auth": _CHECK_BOT,
    "not_authed": _CHECK_BOT,
    "token_expired": _CHECK_BOT,
    "token_revoked": _CHECK_BOT,
    "account_inactive": _CHECK_BOT,
    "channel_not_found": "check the name, and invite the bot if the channel is private",
    "not_in_channel": "invite the bot to {channel}",
    "is_archived": "choose another channel",
    "missing_scope": "give the app the scope {needed}",
}


class _Refused(DeliveryFailed):
    """Slack understood us and said no: *code* is its word for why."""

    code = ""


class _Api:
    """Slack's Web API, as one bot sees it."""

    def __init__(self, config: SlackConfig, world: World, token: str) -> None:
        self._url, self._channel = config.api_url, config.channel
        self._http, self._token = world.http, token

    async def write(self, method: str, arguments: JsonObject) -> Any:
        """Call *method* with arguments as JSON."""
        return await self._call(method, json=arguments)

    async def list(self, method: str, field: str, **arguments: str) -> AsyncIterator[Any]:
        """Yield the items under *field*, page by page, as far as is sensible."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await self._call(method, form={"limit": "200", **arguments, "cursor": cursor})
            for item in page.get(field) or ():
                yield item
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise self._refused("too_many_messages", {})

    async def _call(self, method: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            reply = await self._http.request(
                "POST", f"{self._url}/{method}", headers=headers, **body
            )
        except Unavailable as trouble:
            raise DeliveryFailed(self._why(str(trouble)), unseen=True) from None
        if reply.status == 429:
            why = self._why("HTTP 429; it will be told more slowly")
            raise DeliveryFailed(why, retry_after_seconds=_retry_after(reply.headers))
        if reply.status != 200:
            is_down = reply.status >= 500
            raise DeliveryFailed(
                self._why(f"HTTP {reply.status}"), retryable=is_down, unseen=is_down
            )
        return self._checked(reply.body)

    def _checked(self, body: bytes) -> Any:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            why = self._why("what answered is not Slack's API; check apiUrl and any proxy")
            raise DeliveryFailed(why, unseen=True)
        if answer.get("ok") is not True:
            raise self._refused(str(answer.get("error") or "no reason given"), answer)
        return answer

    def _refused(self, code: str, answer: Mapping[str, Any]) -> _Refused:
        needed = str(answer.get("needed") or "chat:write")[:100]
        hint = _HINTS.get(code, "").format(channel=self._channel, needed=needed)
        refused = _Refused(
            self._why(f"{code[:100]}; {hint}" if hint else code[:100]),
            retryable=code in _BUSY | _BROKEN,
            unseen=code in _BROKEN,
        )
        refused.code = code
        return refused

    def _why(self, reason: str) -> str:
        return f"slack {self._channel!r}: {reason}".replace(self._token, "[redacted]")


class _Thread:
    """The message of one incident and the reply with its details, on their way."""

    def __init__(
        self, api: _Api, config: SlackConfig, message: Message, key: str, receipt: JsonObject | None
    ) -> None:
        self._api, self._config, self._message, self._key = api, config, message, key
        self._in_thread = config.message_type != "message"
        self.receipt: dict[str, Any] = dict(receipt or {})

    async def say(self, *, repeat: bool) -> None:
        """Bring the message and its details to what is known now."""
        called, mark = () if self.receipt else self._config.mention_users, ""
        if repeat and "ts" not in self.receipt:
            mark = await self._look_for_parent()
        if "ts" not in self.receipt or not await self._edit("ts", self._parent()):
            self.receipt = {}
            await self._post("ts", self._parent(called, mark))
        if self._in_thread and self._message.body:
            await self._say_detail(repeat=repeat)

    async def _say_detail(self, *, repeat: bool) -> None:
        mark = ""
        if repeat and "detail_ts" not in self.receipt:
            mark = await self._look_for_detail()
        said = render_detail(self._message)
        if "detail_ts" not in self.receipt or not await self._edit("detail_ts", said):
            await self._post("detail_ts", render_detail(self._message, mark=mark))

    def _parent(self, called: tuple[str, ...] = (), mark: str = "") -> Said:
        whole = not self._in_thread
        return render_parent(self._message, mentions=called, whole=whole, mark=mark)

    async def _post(self, part: str, said: Said) -> None:
        arguments: JsonObject = {
            "channel": self.receipt.get("channel", self._config.channel),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if part == "detail_ts":
            arguments = {**arguments, "thread_ts": self.receipt["ts"]}
        answer = await self._write("chat.postMessage", arguments, part, said)
        self.receipt |= {
            "channel": answer["channel"],
            part: answer["ts"],
            f"{part}_said": said.digest,
        }

    async def _edit(self, part: str, said: Said) -> bool:
        """Edit *part* unless it says so already; whether it is still there."""
        if self.receipt.get(f"{part}_said") == said.digest:
            return True
        place: JsonObject = {"channel": self.receipt["channel"], "ts": self.receipt[part]}
        try:
            await self._write("chat.update", place, part, said)
        except _Refused as refused:
            if refused.code in _GONE:
                return False
            raise
        self.receipt[f"{part}_said"] = said.digest
        return True

    async def _write(self, method: str, arguments: JsonObject, part: str, said: Said) -> Any:
        """Say it with blocks or, where Slack cannot show them, in the plain line alone."""
        told: JsonObject = {**arguments, "text": said.text, "metadata": self._metadata(part)}
        try:
            return await self._api.write(method, {**told, "blocks": said.blocks})
        except _Refused as refused:
            if refused.code not in _UNSHOWABLE:
                raise
        return await self._api.write(method, {**told, "blocks": ()})

    def _metadata(self, part: str) -> JsonObject:
        name = "detail" if part == "detail_ts" else "parent"
        payload = {"key": self._key, "part": name, "incident": self._message.subject.id}
        return {"event_type": _EVENT, "event_payload": payload}

    async def _look_for_parent(self) -> str:
        """Find what an earlier try posted; return the mark to post with when nobody can tell."""
        opened = self._message.subject.created_at.timestamp() - _CLOCKS_DIFFER_SECONDS
        try:
            channel = await self._channel_id()
            await self._look("ts", "conversations.history", channel, oldest=f"{opened:.6f}")
        except _Refused as refused:
            return _unless_passing(refused)
        return ""

    async def _look_for_detail(self) -> str:
        channel, ts = self.receipt["channel"], self.receipt["ts"]
        try:
            await self._look("detail_ts", "conversations.replies", channel, ts=ts)
        except _Refused as refused:
            return _unless_passing(refused)
        return ""

    async def _look(self, part: str, method: str, channel: str, **where: str) -> None:
        wanted = self._metadata(part)
        messages = self._api.list(
            method, "messages", channel=channel, include_all_metadata="true", **where
        )
        async for message in messages:
            if message.get("metadata") == wanted:
                self.receipt |= {"channel": channel, part: message["ts"]}
                return

    async def _channel_id(self) -> str:
        """Return the id that reading needs where posting takes a name."""
        name = self._config.channel.removeprefix("#")
        if _CHANNEL_ID.fullmatch(name):
            return name
        types = "public_channel,private_channel"
        async for channel in self._api.list("conversations.list", "channels", types=types):
            if channel.get("name") == name:
                return str(channel["id"])
        raise _Refused(f"slack {name!r}: no such channel", retryable=False)


def _unless_passing(refused: _Refused) -> str:
    if refused.retryable:
        raise refused
    return _MAY_BE_A_REPEAT


def _retry_after(headers: Mapping[str, str]) -> float | None:
    asked = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(asked) if asked.isdecimal() else None


class SlackSink:
    """Posts once, then edits; a post whose fate is unknown is looked for by its metadata."""

    def __init__(self, config: SlackConfig, world: World) -> None:
        self._config, self._world = config, world

    async def deliver(
        self, message: Message, *, key: str, receipt: JsonObject | None, repeat: bool
    ) -> JsonObject:
        """Post or edit the incident's message."""
        api = _Api(self._config, self._world, await self._token())
        thread = _Thread(api, self._config, message, key, receipt)
        try:
            await thread.say(repeat=repeat)
        except DeliveryFailed as failed:
            failed.receipt = thread.receipt or receipt
            raise
        return thread.receipt

    async def _token(self) -> str:
        written = self._config.bot_token or ""
        if not written or is_reference(written):
            written = await self._resolved(written or self._config.secret_ref)
        token = written.strip()
        if not _TOKEN.fullmatch(token):
            raise self._unfit("its token holds characters that no token has; copy it again")
        return token

    async def _resolved(self, reference: str | None) -> str:
        if not reference:
            raise self._unfit("no token; set botToken: env://SLACK_BOT_TOKEN")
        try:
            return await self._world.secrets.resolve(reference)
        except NotFound as missing:
            raise self._unfit(str(missing)) from None

    def _unfit(self, why: str) -> DeliveryFailed:
        return DeliveryFailed(f"slack {self._config.channel!r}: {why}", retryable=False)


SINK = SinkType("slack", config=SlackConfig, build=SlackSink, moments=frozenset(Moment), edits=True)
