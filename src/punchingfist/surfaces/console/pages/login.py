"""Logging in with a token, or with the link printed at start; and logging out."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from punchingfist.bootstrap.app import App
from punchingfist.errors import InvalidInput, Throttled, Unauthenticated
from punchingfist.surfaces.callers import arrival_of, doorkeeper_of, identify
from punchingfist.surfaces.console.page import Page, render
from punchingfist.surfaces.cookies import find_session, give_session, take_session


async def show(request: Request) -> Response:
    """Show the form; a browser that follows the one-time link is logged in by it."""
    link = request.query_params.get("token")
    # A HEAD comes from a program that looks at links, not from the person who was given this one.
    if link and request.method == "GET":
        whence = arrival_of(request).whence
        return _enter(request, await doorkeeper_of(request).follow_link(link, whence))
    return await _form(request)


async def submit(request: Request, form: Mapping[str, str]) -> Response:
    match form.get("do"):
        case "log in":
            return await _log_in(request, form.get("token", "").strip())
        case "log out":
            return await _log_out(request)
    raise InvalidInput("what to do is not said; use the form at /login", field="do")


async def _log_in(request: Request, secret: str) -> Response:
    try:
        session = await doorkeeper_of(request).log_in(secret, arrival_of(request).whence)
    except Unauthenticated as refused:
        response = await _form(request, wrong=str(refused))
        response.status_code = refused.status
        return response
    return _enter(request, session)


async def _log_out(request: Request) -> Response:
    response = RedirectResponse("/login", status_code=303)
    session = find_session(request)
    if session:
        await doorkeeper_of(request).log_out(session, by=await identify(request))
        take_session(response, request)
    return response


def _enter(request: Request, session: str) -> Response:
    response = RedirectResponse("/", status_code=303)
    give_session(response, request, session)
    return response


async def _form(request: Request, wrong: str = "") -> Response:
    app: App = request.app.state.app
    try:
        request.state.caller = await identify(request)
    except (Unauthenticated, Throttled):
        request.state.caller = None
    return render(
        request,
        "pages/login.html",
        now=app.clock.now(),
        wrong=wrong,
        has_session=bool(find_session(request)) and request.state.caller is not None,
    )


PAGE = Page("/login", title="Log in", show=show, submit=submit)
