"""`/api/v1/evidence`: the whole redacted text of one look."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import PlainTextResponse

from punchingfist.surfaces.server.api.bodies import PROBLEMS, TheApp

ROUTER = APIRouter(prefix="/evidence", tags=["evidence"], responses=PROBLEMS)


@ROUTER.get("/{digest}", summary="Get an output by its SHA-256", response_class=PlainTextResponse)
async def get_evidence(
    app: TheApp, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> PlainTextResponse:
    return PlainTextResponse(await app.artifacts.get(digest))
