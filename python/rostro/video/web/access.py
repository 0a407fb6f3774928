"""Who may see the page: the token, the names it is asked by, and who sends a form."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs

__all__ = ["SHORTEST_TOKEN", "Access", "Refusal", "is_loopback"]

SHORTEST_TOKEN = 16
"""Characters: who can ask as often as he likes guesses shorter ones."""


class Refusal(NamedTuple):
    """Why a request is not answered.

    Attributes:
        status: of HTTP.
        sentence: for who asked.
    """

    status: int
    sentence: str


class Access:
    """Decides about requests, by their heads alone. Any number of threads may ask at once.

    Args:
        token: that every request must bring, in a header ``Authorization: Bearer TOKEN`` or the
            cookie that the first visit with ``?token=TOKEN`` gets; ``None`` for none.
        hosts: names besides numbers, ``localhost`` and this computer's by which the page may be
            asked for. A page of elsewhere whose name is made to lead here (DNS rebinding) has none
            of them.
        port: that is served, part of the cookie's name: cookies are shared by all ports of a host.
    """

    def __init__(self, token: str | None, hosts: Collection[str] = (), port: int = 0) -> None:
        own = socket.gethostname().lower()
        self._hosts = {"localhost", own, f"{own}.local"} | {host.lower() for host in hosts}
        self._token = None if token is None else token.encode()
        self._cookie_name = f"rostro_{port}"
        # Not the token itself: other servers of this host get the cookie, too.
        self._cookie = "" if token is None else _digest(token.encode())

    def refusal(self, method: str, headers: dict[str, str]) -> Refusal | None:
        """Why a request is not answered; ``None``: it is.

        Args:
            method: of HTTP.
            headers: by their names in lower case.
        """
        host = headers.get("host", "")
        if not self._is_own(host):
            return Refusal(421, "This page is not served under that name.")
        own = {f"http://{host}", f"https://{host}"}  # a proxy in front may speak TLS
        if method not in ("GET", "HEAD") and headers.get("origin") not in own:
            return Refusal(403, "A form of another page is not taken.")
        if not self._has_token(headers):
            return Refusal(403, "The token is missing or wrong: open the address with ?token= that "
                           "rostro watch has shown.")  # fmt: skip
        return None

    def cookie_for(self, query: str) -> str | None:
        """The head ``Set-Cookie`` for a visit with the right ``?token=``, else ``None``."""
        given = parse_qs(query).get("token", [""])[0]
        if self._token is None or not _same(given.encode(errors="replace"), self._token):
            return None
        # Lax, not Strict: a link in a mail is to work. Forms are checked by their origin.
        return f"{self._cookie_name}={self._cookie}; Path=/; HttpOnly; SameSite=Lax"

    def _is_own(self, host: str) -> bool:
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        name = name.lower().rstrip(".")
        return name in self._hosts or _is_number(name.strip("[]"))

    def _has_token(self, headers: dict[str, str]) -> bool:
        if self._token is None:
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _same(given.strip().encode(errors="replace"), self._token):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie_name)
        except CookieError:
            return False
        return cookie is not None and _same(
            cookie.value.encode(errors="replace"), self._cookie.encode()
        )


def is_loopback(address: str) -> bool:
    """Whether an address is reached from this computer alone."""
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _digest(secret: bytes) -> str:
    return hmac.new(secret, b"rostro watch: cookie", hashlib.sha256).hexdigest()


def _same(given: bytes, wanted: bytes) -> bool:
    """Compares in a time that tells nothing of where, and nothing of how long, they differ."""
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(wanted).digest())
