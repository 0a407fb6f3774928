"""Who may see the page."""

from __future__ import annotations

import socket

import pytest

from rostro.errors import ArgumentError
from rostro.video.web.access import Access, is_loopback
from rostro.video.web.server import parse_address

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:8000", True),
        ("LOCALHOST.:8000", True),
        ("127.0.0.1:8000", True),
        ("192.168.1.7:8000", True),
        ("[::1]:8000", True),
        ("[fe80::1]", True),
        (f"{socket.gethostname()}:8000", True),
        (f"{socket.gethostname()}.local", True),
        ("board.example:8000", True),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8000", False),
        ("", False),
        (":8000", False),
        ("[::1", False),
    ],
)
def test_names_of_elsewhere_are_refused(host: str, allowed: bool) -> None:
    refusal = Access(None, ["board.example"]).refusal("GET", {"host": host})
    assert (refusal is None) == allowed
    assert refusal is None or refusal.status == 421


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),
        ("http://localhost:8001", False),
        ("http://evil.example", False),
        ("null", False),
        (None, False),
    ],
)
def test_forms_of_other_pages_are_refused(origin: str | None, allowed: bool) -> None:
    heads = {"host": "localhost:8000"} | ({} if origin is None else {"origin": origin})
    refusal = Access(None).refusal("POST", heads)
    assert (refusal is None) == allowed
    assert refusal is None or refusal.status == 403


def test_the_token_by_header_and_by_cookie() -> None:
    access = Access(TOKEN, port=8000)
    heads = {"host": "127.0.0.1"}
    assert access.refusal("GET", heads) is not None
    assert access.cookie_for("token=wrong") is None
    assert access.cookie_for("") is None
    assert access.cookie_for("token=") is None
    cookie = access.cookie_for(f"a=b&token={TOKEN}")
    assert cookie is not None and TOKEN not in cookie
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    pair = cookie.partition(";")[0]
    for right in ({"authorization": f"Bearer {TOKEN}"}, {"cookie": f"x=y; {pair}"}):
        assert access.refusal("GET", heads | right) is None
        # Cookies of another token, or of another port, do not count.
        if "cookie" in right:
            assert Access("another-token-as-long", port=8000).refusal("GET", heads | right)
            assert Access(TOKEN, port=8001).refusal("GET", heads | right)
    for wrong in (
        {"authorization": "Bearer wrong"},
        {"authorization": TOKEN},
        {"authorization": "Bearer é"},
        {"cookie": "rostro_8000=wrong"},
        {"cookie": f"rostro_8000={TOKEN}"},
        {"cookie": "\x00;;=\xff"},
    ):
        refusal = access.refusal("GET", heads | wrong)
        assert refusal is not None and refusal.status == 403


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8000", ("127.0.0.1", 8000)),
        (":8000", ("127.0.0.1", 8000)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:80", ("::1", 80)),
        ("board:65535", ("board", 65535)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "a", "127.0.0.1", "a:65536", "a:-1", "a:\u0661", "a:" + "9" * 5000]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ArgumentError, match="ADDRESS:PORT is wanted"):
        parse_address(text)


def test_what_is_of_this_computer_alone() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.1", "example.org", "")))
