"""What an incident looks like in Slack: a message that stands alone, and its details."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from punchingfist.domain.excerpts import one_line
from punchingfist.domain.incidents import Incident
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
    text = f"{message.subject.short_id}: what was found{mark}"
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
    subject = message.subject
    began = since(subject) if isinstance(subject, Incident) else subject.created_at
    facts = [subject.short_id, subject.status, f"since {_local(began.astimezone(UTC))}"]
    if isinstance(subject, Incident):
        facts.insert(0, f"*{subject.severity.upper()}*")
    title = subject.title if isinstance(subject, Incident) else subject.workflow
    yield f"{' · '.join(facts)}\n*{escape_text(one_line(title, _TITLE_LENGTH))}*"
    yield escape_text(message.answer)
    if message.report and message.report.object:
        yield f"*Object:* `{escape_text(str(message.report.object))}`"


def _local(at: datetime) -> str:
    """Return what each reader sees in a zone of their own."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M UTC}>"


def _places(message: Message) -> Iterator[str]:
    """Yield where to read on; an address that is none for the web is left to the body."""
    if message.link:
        yield link(f"Open {message.subject.short_id}", message.link)
    named = [*links(message.incident)][:6]
    alerts = message.incident.alerts if message.incident else ()
    generators = dict.fromkeys(alert.generator_url for alert in alerts)
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
