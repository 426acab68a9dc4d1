"""What an error of the database is about: a row, another transaction, or the database itself."""

from sqlalchemy import exc

from punchingfist.adapters.store.engines import Engines
from punchingfist.errors import Unavailable

_RETRY_AFTER_SECONDS = 5.0
_IN_THE_WAY = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for transactions that cannot both be first, or wait for each other."""
_TOO_LARGE = "54"
"""Class of PostgreSQL's codes for a value that is over some limit of it."""


def is_refused_row(trouble: BaseException) -> bool:
    """Whether *trouble* is about the values of a row rather than about the database."""
    if isinstance(trouble, exc.DBAPIError):
        is_ours = isinstance(trouble, exc.DataError | exc.IntegrityError)
        return is_ours or _code(trouble).startswith(_TOO_LARGE)
    return isinstance(trouble, exc.StatementError | OverflowError | UnicodeError)


def may_pass_at_once(trouble: exc.DBAPIError) -> bool:
    """Whether the same transaction, begun again, may well succeed."""
    return _code(trouble) in _IN_THE_WAY


def unavailable(engines: Engines, trouble: BaseException) -> Unavailable:
    """Return what callers are told about *trouble*: one line, no rows, no password."""
    why = str(getattr(trouble, "orig", None) or trouble).partition("\n")[0]
    return Unavailable(
        f"database {engines.name!r}: {why}; {engines.advice}",
        retry_after_seconds=_RETRY_AFTER_SECONDS,
    )


def _code(trouble: exc.DBAPIError) -> str:
    return getattr(trouble.orig, "sqlstate", None) or ""
