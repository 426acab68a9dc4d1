"""The style sheet, the scripts and the icon."""

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles as StarletteStaticFiles
from starlette.types import Scope


class StaticFiles(StarletteStaticFiles):
    """What is in `static/`, asked for again by its tag after an upgrade."""

    def __init__(self) -> None:
        super().__init__(directory=Path(__file__).parent / "static")

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response
