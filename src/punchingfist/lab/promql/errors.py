"""What a query can be refused for, each with the type and status the Prometheus API gives it."""

from typing import ClassVar

from punchingfist.errors import InvalidInput


class QueryError(InvalidInput):
    """The query or one of its parameters is not valid."""

    status = 400
    error_type: ClassVar[str] = "bad_data"


class UnsupportedQuery(QueryError):
    """Valid PromQL that this evaluator does not know; an empty answer would be a lie."""

    status = 422


class ExecutionError(QueryError):
    """The query is valid and cannot be answered over these series."""

    status = 422
    error_type = "execution"
