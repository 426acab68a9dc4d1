"""`/api/v1/tokens`: who may come in from elsewhere."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from punchingfist.domain.identity import Role
from punchingfist.domain.tokens import parse_lifetime
from punchingfist.surfaces.server.api.bodies import PROBLEMS, IssuedBody, TheApp, TokenBody
from punchingfist.surfaces.server.api.roles import Admin

ROUTER = APIRouter(prefix="/tokens", tags=["tokens"], responses=PROBLEMS)


class NewToken(BaseModel):
    """What a token is to be; `expires` is `90d` or any duration, never when absent."""

    name: str = Field(max_length=63)
    role: Role
    teams: list[str] = Field(default_factory=list, max_length=100)
    expires: str | None = Field(default=None, max_length=40)


@ROUTER.post(
    "", summary="Make a token; its secret is in this answer and nowhere else", status_code=201
)
async def create_token(app: TheApp, new: NewToken, by: Admin) -> IssuedBody:
    issued = await app.doorkeeper.office.issue(
        new.name,
        new.role,
        teams=new.teams,
        lifetime=parse_lifetime(new.expires) if new.expires else None,
        by=by,
    )
    shown: dict[str, Any] = issued.token.to_json()
    return IssuedBody(**shown, secret=issued.secret)


@ROUTER.get("", summary="List tokens and browser sessions, newest first")
async def list_tokens(app: TheApp, by: Admin) -> list[TokenBody]:
    found = await app.doorkeeper.office.tokens.all()
    return [TokenBody.model_validate(token) for token in found]


@ROUTER.delete("/{name}", summary="End a token, by name or id, and the sessions opened with it")
async def revoke_token(app: TheApp, name: str, by: Admin) -> TokenBody:
    return TokenBody.model_validate(await app.doorkeeper.office.revoke(name, by=by))
