"""What may be changed of a silence; the rules are Alertmanager's."""

from dataclasses import dataclass, replace
from datetime import datetime

from punchingfist.domain.silences.silence import Silence, SilenceState
from punchingfist.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Edit:
    """*id* names the silence now in force; *written* are the rows as they are to be."""

    id: str
    written: tuple[Silence, ...]


def plan_edit(known: Silence | None, wanted: Silence, *, new_id: str, at: datetime) -> Edit:
    """
    Return what writing *wanted* over *known* (None: it is a new one) does.

    A silence in force keeps its start, one that waits may not begin in the
    past, and one that has ended stays as it was. Whoever wants something else,
    or other matchers, gets a silence under *new_id*, and the old one ends.

    Raises:
        InvalidInput: *wanted* makes no sense, in Alertmanager's words.
    """
    check_silence(wanted, at)
    if known is not None and _may_become(known, wanted, at):
        return Edit(known.id, (replace(wanted, id=known.id, updated_at=at),))
    made = replace(wanted, id=new_id, starts_at=max(wanted.starts_at, at), updated_at=at)
    if known is None or known.state(at) is SilenceState.EXPIRED:
        return Edit(new_id, (made,))
    return Edit(new_id, (expire(known, at), made))


def expire(silence: Silence, at: datetime) -> Silence:
    """Return *silence* ended; one that has ended already is unchanged."""
    match silence.state(at):
        case SilenceState.EXPIRED:
            return silence
        case SilenceState.ACTIVE:
            return replace(silence, ends_at=at, updated_at=at)
        case SilenceState.PENDING:
            return replace(silence, starts_at=at, ends_at=at, updated_at=at)


def check_silence(wanted: Silence, at: datetime) -> None:
    """Refuse a silence that could never do what its author means."""
    if wanted.starts_at >= wanted.ends_at:
        raise InvalidInput("Failed to create silence: start time must be before end time")
    if wanted.ends_at < at:
        raise InvalidInput("Failed to create silence: end time can't be in the past")
    if not wanted.matchers:
        raise InvalidInput("silence invalid: at least one matcher required")
    if all(one.takes("") for one in wanted.matchers):
        raise InvalidInput("silence invalid: at least one matcher must not match the empty string")


def _may_become(known: Silence, wanted: Silence, at: datetime) -> bool:
    if known.matchers != wanted.matchers:
        return False
    match known.state(at):
        case SilenceState.ACTIVE:
            same_start = int(known.starts_at.timestamp()) == int(wanted.starts_at.timestamp())
            return same_start and wanted.ends_at >= at
        case SilenceState.PENDING:
            return wanted.starts_at >= at
        case SilenceState.EXPIRED:
            return False
