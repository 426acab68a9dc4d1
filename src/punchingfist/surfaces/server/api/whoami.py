"""`/api/v1/whoami`: who we take the caller for."""

from fastapi import APIRouter

from punchingfist.surfaces.server.api.bodies import PROBLEMS, CallerBody
from punchingfist.surfaces.server.api.roles import Viewer

ROUTER = APIRouter(prefix="/whoami", tags=["tokens"], responses=PROBLEMS)


@ROUTER.get("", summary="Get who you are here, and what you may do")
async def whoami(by: Viewer) -> CallerBody:
    return CallerBody(name=by.name, role=by.role, teams=sorted(by.teams), how=by.how)
