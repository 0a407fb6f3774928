"""The page's server, asked over real sockets, without a browser."""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image as Pictures

import rostro
from rostro.errors import ArgumentError, ServeError, WriteError
from rostro.types import Image
from rostro.video.web import pictures
from rostro.video.web.board import Board, Shown
from rostro.video.web.server import Address, PageServer

TOKEN = "a-token-of-some-length"
LOOPBACK = Address("127.0.0.1", 0)
NOBODY = rostro.Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32))
CROP = np.full((50, 40, 3), 200, np.uint8)


def name(id_: int, who: str) -> list[str]:
    if who == "disk":
        raise WriteError("people.rostro: No space left on device")
    if who == "bug":
        raise ZeroDivisionError
    return [] if id_ == 1 else ["This person has left."]


def crop(id_: int) -> Image | None:
    return CROP if id_ == 1 else None


@pytest.fixture
def board() -> Board:
    return Board("said")


@pytest.fixture
def server(board: Board) -> Iterator[PageServer]:
    with PageServer(board, LOOPBACK, None, (), name, crop) as server:
        yield server


@pytest.fixture(scope="module")
def steady() -> Iterator[PageServer]:
    """One for the tests that leave the board alone."""
    with PageServer(Board("said"), LOOPBACK, None, (), name, crop) as server:
        yield server


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the frames that were encoded."""
    numbers: list[int] = []
    drawn = pictures._drawn

    def count(shown: Shown) -> bytes:
        numbers.append(shown.number)
        return drawn(shown)

    monkeypatch.setattr(pictures, "_drawn", count)
    return numbers


def show(board: Board, value: int) -> None:
    board.show(np.full((48, 64, 3), value, np.uint8), NOBODY, [])


def connect(server: PageServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=10)


def ask(
    server: PageServer, path: str, method: str = "GET", body: str | None = None, **heads: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = connect(server)
    heads = {key.replace("_", "-"): value for key, value in heads.items()}
    connection.request(method, path, body, heads)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer, read


def post(server: PageServer, body: Any, **heads: str) -> tuple[int, Any]:
    heads = {"Origin": f"http://127.0.0.1:{urlsplit(server.url).port}"} | heads
    text = body if isinstance(body, str) else json.dumps(body)
    answer, read = ask(server, "/name", "POST", text, **heads)
    return answer.status, json.loads(read)["why"] if read.startswith(b"{") else read


def next_jpeg(stream: http.client.HTTPResponse) -> Any:
    """The gray of the next picture of a stream."""
    length = 0
    while (line := stream.readline().strip()) or not length:
        if line.lower().startswith(b"content-length:"):
            length = int(line.split()[1])
    picture = Pictures.open(io.BytesIO(stream.read(length)))
    return int(np.asarray(picture).mean().round())


def test_the_page_is_one_file_with_a_strict_policy(steady: PageServer) -> None:
    answer, page = ask(steady, "/")
    assert answer.status == 200 and b"rostro watch" in page
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "sha256-" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert b"http://" not in page and b"https://" not in page and b"style=" not in page
    assert ask(steady, "/none")[0].status == 404
    assert ask(steady, "/name")[0].status == 405


def test_each_frame_is_encoded_once_for_all_and_for_nobody_never(
    server: PageServer, board: Board, encoded: list[int]
) -> None:
    for value in (5, 10):
        show(board, value)
    assert encoded == []
    viewers = [connect(server) for _ in range(3)]
    streams = []
    for viewer in viewers:
        viewer.request("GET", "/stream")
        streams.append(viewer.getresponse())
    assert streams[0].headers["content-type"].startswith("multipart/x-mixed-replace")
    assert [next_jpeg(stream) for stream in streams] == [10, 10, 10]
    show(board, 60)
    assert [next_jpeg(stream) for stream in streams] == [60, 60, 60]
    assert encoded == [2, 3]
    for viewer in viewers:
        viewer.close()


def test_a_slow_viewer_gets_the_newest(server: PageServer, board: Board) -> None:
    show(board, 10)
    viewer = connect(server)
    viewer.request("GET", "/stream")
    stream = viewer.getresponse()
    assert next_jpeg(stream) == 10
    for value in range(20, 200):
        show(board, value)
    seen = [next_jpeg(stream)]
    while seen[-1] != 199:
        seen.append(next_jpeg(stream))
    assert len(seen) < 20
    viewer.close()


def test_a_browser_that_goes_away(server: PageServer, board: Board) -> None:
    for path in ("/stream", "/events", "/"):
        for _ in range(5):
            gone = socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0))
            gone.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            show(board, 7)
            gone.close()
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0)) as rubbish:
        rubbish.sendall(b"\x16\x03\x01 no http\r\n\r\n")
    show(board, 100)
    assert ask(server, "/")[0].status == 200


def test_events_come_with_what_was_before(server: PageServer, board: Board) -> None:
    person = {"id": 1, "name": "<script>alert(1)</script>"}
    board.tell([{"event": "appeared", "id": 1}], [person], {"fps": 3})
    viewer = connect(server)
    viewer.request("GET", "/events")
    stream = viewer.getresponse()
    assert stream.headers["content-type"].startswith("text/event-stream")

    def next_event() -> dict[str, str]:
        found: dict[str, str] = {}
        while line := stream.readline().decode().strip():
            key, _, value = line.partition(": ")
            found[key] = value
        return found

    assert next_event() == {"retry": "2000"}
    happened = next_event()
    assert (happened["event"], happened["id"]) == ("happened", "1")
    state = json.loads(next_event()["data"])
    assert state["people"] == [person] and state["figures"] == {"fps": 3}
    assert state["source"] == "said" and state["can_name"] is True
    board.tell([{"event": "left", "id": 1}], [])
    assert json.loads(next_event()["data"]) == {"event": "left", "id": 1}
    viewer.close()
    # Who comes back gets what was missed alone.
    viewer = connect(server)
    viewer.request("GET", "/events", headers={"Last-Event-ID": "1"})
    stream = viewer.getresponse()
    next_event()
    assert next_event()["id"] == "2"
    board.close()
    ended = [next_event() for _ in range(3)]
    assert {"event": "ended", "data": "{}"} in ended
    viewer.close()


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"id": 1, "name": "Ada"}, 200, []),
        ({"id": 2, "name": "Ada"}, 409, ["This person has left."]),
        ({"id": 1, "name": "disk"}, 409, ["people.rostro: No space left on device"]),
        ({"id": True, "name": "Ada"}, 400, None),
        ({"id": -1, "name": "Ada"}, 400, None),
        ({"id": 10**30, "name": "Ada"}, 400, None),
        ({"id": 1}, 400, None),
        ({"id": 1, "name": 5}, 400, None),
        ({"id": 1, "name": "\ud800"}, 400, None),
        ([], 400, None),
        ("", 400, None),
        ("{", 400, None),
        ("[" * 4000, 400, None),
        ({"id": 1, "name": "x" * 5000}, 400, None),
    ],
)
def test_names_are_given(steady: PageServer, body: Any, status: int, why: list[str] | None) -> None:
    got = post(steady, body)
    assert got[0] == status
    assert why is None or got[1] == why


def test_forms_of_other_pages(steady: PageServer) -> None:
    form = {"id": 1, "name": "Ada"}
    assert post(steady, form, Origin="http://evil.example")[0] == 403
    assert post(steady, form, Host="evil.example")[0] == 421
    assert ask(steady, "/", Host="evil.example")[0].status == 421


def test_a_bug_is_no_end(steady: PageServer) -> None:
    assert post(steady, {"id": 1, "name": "bug"})[0] == 500
    assert ask(steady, "/")[0].status == 200


def test_faces(steady: PageServer) -> None:
    answer, read = ask(steady, "/face/1")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Pictures.open(io.BytesIO(read)).size == (40, 50)
    assert ask(steady, "/face/2")[0].status == 404
    assert ask(steady, "/face/x")[0].status == 404


def test_a_token(board: Board) -> None:
    with PageServer(board, LOOPBACK, TOKEN) as server:
        for path in ("/", "/stream", "/events", "/face/1", "/?token=wrong"):
            answer, page = ask(server, path)
            assert answer.status == 403 and page.count(b"<p>") == 1
        answer, _ = ask(server, f"/?token={TOKEN}")
        assert (answer.status, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert ask(server, "/", Cookie=cookie)[0].status == 200
        assert ask(server, "/", Authorization=f"Bearer {TOKEN}")[0].status == 200
        assert server.url.endswith(f"/?token={TOKEN}")


def test_others_are_not_let_in_without_a_token(board: Board) -> None:
    with pytest.raises(ArgumentError, match="token"):
        PageServer(board, Address("0.0.0.0", 0))


def test_an_address_that_is_taken(steady: PageServer) -> None:
    port = urlsplit(steady.url).port or 0
    with pytest.raises(ServeError, match=f"cannot serve 127.0.0.1:{port}: "):
        PageServer(Board(), Address("127.0.0.1", port))
    with pytest.raises(ServeError, match=r"cannot serve 203\.0"):
        PageServer(Board(), Address("203.0.113.7", 0), TOKEN)


def test_the_end_waits_for_no_viewer(board: Board) -> None:
    with PageServer(board, LOOPBACK) as server:
        viewers = [connect(server) for _ in range(2)]
        for viewer, path in zip(viewers, ("/stream", "/events"), strict=True):
            viewer.request("GET", path)
            viewer.getresponse()
        begin = time.monotonic()
    assert time.monotonic() - begin < 3.5  # it would wait for ever
    for viewer in viewers:
        viewer.close()
