"""What a report does to an alert when one also knows the time, and what we remember then."""

from dataclasses import replace
from datetime import datetime, timedelta

from punchingfist.domain.alerts import Alert, Change, KnownAlert, settle

LATE_WITHIN = timedelta(seconds=30)
"""How long after we heard of an alert's end a report of its firing may still be on its way."""


def judge(
    known: KnownAlert | None, report: Alert, *, heard_at: datetime | None, at: datetime
) -> Change:
    """
    Return what *report*, arriving *at*, does; *heard_at* is when the last one that counted came.

    An old start does not always mean an old report. When Alertmanager loses
    sight of Prometheus, or is polled just after a restart, it takes an alert
    as resolved and later reports it firing with the start it always had. So a
    start that looks stale is believed once no report can still be on its way.
    """
    change = settle(known, report)
    is_doubtful = change is Change.NOTHING and report.firing and known is not None
    if is_doubtful and heard_at is not None and at - heard_at >= LATE_WITHIN:
        return Change.REOPENED
    return change


def remember(
    known: KnownAlert | None, report: Alert, change: Change, *, at: datetime
) -> KnownAlert:
    """
    Return what is known after *report* did *change*; *at* is when it arrived.

    The latest start and the latest end ever heard of are kept whatever the
    change was, even for an alert whose end is heard of before its beginning:
    that is what lets a report that comes late be recognised as late.
    """
    if known is None:
        ended = None if report.firing else report.ends_at or at
        return KnownAlert(report.firing, report.starts_at, ended)
    latest = replace(known, starts_at=_later(known.starts_at, report.starts_at))
    match change:
        case Change.REOPENED:
            begun = _later(report.starts_at, known.resolved_at)
            return KnownAlert(firing=True, starts_at=begun, resolved_at=None)
        case Change.RESOLVED:
            return replace(latest, firing=False, resolved_at=report.ends_at or at)
        case Change.NOTHING if not report.firing and not known.firing:
            return replace(latest, resolved_at=_later(known.resolved_at, report.ends_at))
        case _:
            return latest


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
