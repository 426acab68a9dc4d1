"""What an incident looks like in Slack: a message that stands alone, and its details."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.json import JsonObject
from punchingfist.domain.messages import Message, links, since
from punchingfist.domain.mrkdwn import escape_text, link, to_sections

_MOST_BLOCKS = 50
_TITLE_LENGTH = 150
_ADDRESSED = re.compile(r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel|!everyone)>")
_BROADCAST = re.compile(r"@?(here|channel|everyone)")
_ID = re.compile(r"@?(?=\w*[0-9])([UWS])[A-Z0-9]{7,}")


@dataclass(frozen=True, slots=True)
class Said:
    """One Slack message: *text* for notifications, *blocks* for the eye."""

    text: str
    blocks: tuple[JsonObject, ...]

    @property
    def digest(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:16]


def render_parent(
    message: Message, *, mentions: Iterable[str] = (), whole: bool = False, mark: str = ""
) -> Said:
    """
    Return the incident's one message.

    *whole* puts the body into it; *mark* is added to what notifications say.
    """
    called = " ".join(map(mention, mentions))
    top = [_section(text) for text in (*_top(message), called) if text]
    body = _body(message, _MOST_BLOCKS - len(top) - 1) if whole else []
    places = " · ".join(_places(message))
    bottom = [_section(places)] if places else []
    return Said(escape_text(f"{message.headline}{mark}"), (*top, *body, *bottom))


def render_detail(message: Message, *, mark: str = "") -> Said:
    """Return the reply that holds the body."""
    text = f"{message.incident.short_id}: what was found{mark}"
    return Said(escape_text(text), tuple(_body(message, _MOST_BLOCKS)))


def mention(word: str) -> str:
    """Return what calls whom *word* addresses; a name without an id calls nobody."""
    if _ADDRESSED.fullmatch(word):
        return word
    if broadcast := _BROADCAST.fullmatch(word):
        return f"<!{broadcast[1]}>"
    if found := _ID.fullmatch(word):
        name = word.removeprefix("@")
        return f"<!subteam^{name}>" if found[1] == "S" else f"<@{name}>"
    return escape_text(word)


def _top(message: Message) -> Iterator[str]:
    incident = message.incident
    began = since(incident).astimezone(UTC)
    local = f"<!date^{int(began.timestamp())}^{{date_short_pretty}} {{time}}|{began:%Y-%m-%d %H:%M UTC}>"
    facts = (f"*{incident.severity.upper()}*", incident.short_id, incident.status, f"since {local}")
    yield f"{' · '.join(facts)}\n*{escape_text(one_line(incident.title, _TITLE_LENGTH))}*"
    yield escape_text(message.answer)
    if message.report and message.report.object:
        yield f"*Object:* `{escape_text(str(message.report.object))}`"


def _places(message: Message) -> Iterator[str]:
    """Yield where to read on; an address that is none for the web is left to the body."""
    if message.link:
        yield link(f"Open {message.incident.short_id}", message.link)
    named = [*links(message.incident)][:6]
    generators = dict.fromkeys(alert.generator_url for alert in message.incident.alerts)
    for label, url in [*named, *(("Graph", url) for url in [*generators][:2])]:
        if (written := link(label, url)) != label:
            yield written


def _body(message: Message, room: int) -> list[JsonObject]:
    texts = to_sections(message.body)
    if len(texts) > room:
        rest = (
            link("full report", message.link) if message.link else "the rest is too long for Slack"
        )
        texts = [*texts[: room - 1], f"… {rest}"]
    return [_section(text) for text in texts]


def _section(text: str) -> JsonObject:
    """Return a block; *verbatim* keeps Slack from making links and mentions of plain words."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
