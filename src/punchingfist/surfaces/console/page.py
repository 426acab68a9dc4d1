"""A page of the console: where it is, how it is shown, and how pages are found."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from punchingfist.surfaces.console import wording
from punchingfist.surfaces.forms import form_token, keep_form_key, read_form

if TYPE_CHECKING:
    from jinja2 import Environment

Show = Callable[[Request], Awaitable[Response]]
Submit = Callable[[Request, Mapping[str, str]], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page, published as `PAGE` by a module of `pages/`.

    *also* are further paths it answers at. *live* serves what happens while
    the page is open, at its path and `/live`. *submit* takes the page's form,
    once it is sure that our own page sent it. A page *in_menu* is linked from
    every other.
    """

    path: str
    title: str
    show: Show
    also: tuple[str, ...] = ()
    live: Show | None = None
    submit: Submit | None = None
    in_menu: bool = False


@lru_cache
def collect_pages() -> tuple[Page, ...]:
    """Return the `PAGE` of every module in `pages/`, in the order of their names."""
    package = importlib.import_module("punchingfist.surfaces.console.pages")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(module.PAGE for module in modules if hasattr(module, "PAGE"))


def page_routes(pages: Sequence[Page]) -> Iterator[Route]:
    """Yield the routes of *pages*."""
    for page in pages:
        for path in (page.path, *page.also):
            yield Route(path, page.show)
        if page.submit:
            yield Route(page.path, _of_ours(page.submit), methods=["POST"])
        if page.live:
            yield Route(f"{page.path}/live", page.live)


def _of_ours(submit: Submit) -> Show:
    async def read_and_submit(request: Request) -> Response:
        return await submit(request, await read_form(request))

    return read_and_submit


def render(request: Request, template: str, *, now: datetime, **seen: Any) -> Response:
    """Return *template* as a page; whatever it is given is escaped."""
    response = HTMLResponse(_text(request, template, {"now": now, **seen}))
    keep_form_key(request, response)
    return response


def render_error(
    request: Request,
    status: int,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as a page people can read."""
    seen = {"status": status, "title": title, "detail": detail}
    return HTMLResponse(_text(request, "error.html", seen), status_code=status, headers=headers)


def _text(request: Request, template: str, seen: Mapping[str, Any]) -> str:
    menu = [page for page in collect_pages() if page.in_menu]
    return (
        environment()
        .get_template(template)
        .render(
            menu=menu,
            here=request.url.path,
            caller=getattr(request.state, "caller", None),
            csrf=lambda: form_token(request),
            **seen,
        )
    )


@lru_cache
def environment() -> "Environment":
    """Return the templates beside the pages; an unknown name in one is an error, not a blank."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(wording.FILTERS)
    return made
