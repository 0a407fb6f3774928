"""What the page's server answers."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from importlib.resources import files

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostro.errors import RostroError
from rostro.types import Image
from rostro.video.watch.documents import json_text
from rostro.video.web.access import Access
from rostro.video.web.board import Board
from rostro.video.web.pictures import BOUNDARY, Pictures, jpeg_of

__all__ = ["Namer", "make_app"]

_log = logging.getLogger(__name__)

Namer = Callable[[int, str], list[str]]
"""Gives somebody a name, by id; or says why not, in sentences."""
Crops = Callable[[int], Image | None]
"""The best picture of somebody's face, by id."""

_MOST_BYTES = 4096
"""Of a form."""
_FACE_SIDE = 160
_TICK = 1.0  # seconds from one look at people and figures to the next
_FORBIDDEN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>rostro watch</title><p>{}</p>
"""


def make_app(board: Board, access: Access, name: Namer | None, crops: Crops) -> ASGIApp:
    """The application.

    Args:
        board: what is shown.
        access: who may see it.
        name: called in a thread of its own; ``None`` where there is no gallery.
        crops: called in a thread of its own.
    """
    page = (files("rostro.video.web") / "page.html").read_text(encoding="utf-8")
    pictures = Pictures(board)

    async def home(request: Request) -> Response:
        return HTMLResponse(page)

    async def no_icon(request: Request) -> Response:
        return Response(None, 204)

    async def stream(request: Request) -> Response:
        kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        return StreamingResponse(pictures.stream(), media_type=kind)

    async def events(request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else 0
        told = _told(board, after, name is not None)
        return StreamingResponse(told, media_type="text/event-stream")

    async def face(request: Request) -> Response:
        crop = crops(request.path_params["id"])
        if crop is None:
            return JSONResponse({"why": ["no picture of this person is kept"]}, 404)
        return Response(await run_in_threadpool(jpeg_of, crop, _FACE_SIDE), media_type="image/jpeg")

    async def give_name(request: Request) -> Response:
        if name is None:
            return JSONResponse({"why": ["rostro watch was started without --gallery"]}, 409)
        asked = await _form(request)
        if asked is None:
            return JSONResponse({"why": ['got no {"id": number, "name": text}']}, 400)
        try:
            why = await run_in_threadpool(name, *asked)
        except (RostroError, OSError) as error:
            why = [str(error)]
        return JSONResponse({"why": why}, 409 if why else 200)

    routes = [
        Route("/", home),
        Route("/favicon.ico", no_icon),
        Route("/stream", stream),
        Route("/events", events),
        Route("/face/{id:int}", face),
        Route("/name", give_name, methods=["POST"]),
    ]
    return _Guard(Starlette(routes=routes), access, _policy(page))


async def _form(request: Request) -> tuple[int, str] | None:
    """The id and the name that are asked for, ``None`` where the form is none."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > _MOST_BYTES:
                return None
        form = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect):
        return None
    if not isinstance(form, dict):
        return None
    id_, name = form.get("id"), form.get("name")
    if type(id_) is not int or not 0 <= id_ < 2**63 or not isinstance(name, str):
        return None
    try:
        name.encode()
    except UnicodeEncodeError:  # half of a pair
        return None
    return id_, name


async def _told(board: Board, after: int, can_name: bool) -> AsyncIterator[str]:
    """Server-sent events: what happened, and each second who is there and the figures."""
    if after > (board.events_after(0) or [(0, {})])[-1][0]:
        after = 0  # of a server that was here before
    yield "retry: 2000\n\n"
    while True:
        for number, event in board.events_after(after):
            yield f"id: {number}\nevent: happened\ndata: {json_text(event)}\n\n"
            after = number
        state = {
            "source": board.name,
            "people": board.people,
            "figures": board.figures,
            "can_name": can_name,
        }
        yield f"event: state\ndata: {json_text(state)}\n\n"
        if board.closed:
            yield "event: ended\ndata: {}\n\n"
            return
        await board.news(_TICK)


class _Guard:
    """Asks `Access` before anything is answered, and sends the heads that browsers obey."""

    def __init__(self, app: ASGIApp, access: Access, policy: str) -> None:
        self._app = app
        self._access = access
        self._heads = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cache-control", b"no-store"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = False

        async def send_with_heads(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message["headers"], *self._heads]}
            await send(message)

        try:
            await self._answer(scope)(scope, receive, send_with_heads)
        except Exception:
            # Told to logs: neither the watching nor the terminal is any browser's business.
            _log.info("a request for %s failed", scope["path"], exc_info=True)
            if not started:
                failed = Response("This went wrong.\n", 500, media_type="text/plain")
                await failed(scope, receive, send_with_heads)

    def _answer(self, scope: Scope) -> ASGIApp:
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        method, query = scope["method"], scope["query_string"].decode("latin-1")
        cookie = self._access.cookie_for(query) if method == "GET" else None
        if cookie is not None:
            headers["cookie"] = cookie.partition(";")[0]
        refusal = self._access.refusal(method, headers)
        if refusal is not None:
            return HTMLResponse(_FORBIDDEN.format(refusal.sentence), refusal.status)
        if cookie is not None:  # the token leaves the address, and the history
            return Response(None, 303, {"location": scope["path"], "set-cookie": cookie})
        return self._app


def _policy(page: str) -> str:
    """Allows the script and the style that stand in the page, by their hashes, and no other."""

    def hashes(tag: str) -> str:
        found = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in found)
        return " ".join(f"'sha256-{digest.decode()}'" for digest in digests)

    return (
        f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
