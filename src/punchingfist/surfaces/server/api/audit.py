"""`/api/v1/audit`: who changed what."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from punchingfist.surfaces.server.api.bodies import PROBLEMS, AuditPage, TheApp, VerifiedBody
from punchingfist.surfaces.server.api.roles import Admin

ROUTER = APIRouter(prefix="/audit", tags=["audit"], responses=PROBLEMS)

_Limit = Annotated[int, Query(ge=1, le=1000)]
_Before = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Rows below this `seq`")]


@ROUTER.get("", summary="List what was done, newest first")
async def list_audit(
    app: TheApp, by: Admin, limit: _Limit = 50, before: _Before = None
) -> AuditPage:
    rows = await app.audit.newest(limit=limit, before=before)
    items: list[Any] = [row.to_json() for row in rows]
    return AuditPage(items=items)


@ROUTER.get("/verify", summary="Check that no row was changed or taken away")
async def verify_audit(app: TheApp, by: Admin) -> VerifiedBody:
    found = await app.audit.verify()
    return VerifiedBody(
        rows=found.rows, seq=found.head.seq, digest=found.head.digest, flaws=list(found.flaws)
    )
