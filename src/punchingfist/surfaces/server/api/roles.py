"""The role a route needs beyond the one that lets its caller in, and who that caller is."""

from typing import Annotated, Any

from fastapi import Depends, Request

from punchingfist.domain.identity import Caller, Role
from punchingfist.surfaces.callers import caller_of


def require(role: Role) -> Any:
    """
    Return the dependency that gives a route its caller, who may do what *role* may.

    `by: Annotated[Caller, require(Role.APPROVER)]` in a route's signature is
    all it takes; everybody else is answered 403 with the role they lack.
    """

    async def check(request: Request) -> Caller:
        caller = caller_of(request)
        caller.must_be(role)
        return caller

    return Depends(check)


Viewer = Annotated[Caller, require(Role.VIEWER)]
Responder = Annotated[Caller, require(Role.RESPONDER)]
Approver = Annotated[Caller, require(Role.APPROVER)]
Admin = Annotated[Caller, require(Role.ADMIN)]
