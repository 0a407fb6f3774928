"""The page's server, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from rostro.errors import ArgumentError, ExtraNotInstalledError, ServeError
from rostro.support.arguments import shown
from rostro.video.web.access import Access, is_loopback
from rostro.video.web.board import Board

if TYPE_CHECKING:
    from typing_extensions import Self

    from rostro.video.web.app import Crops, Namer

__all__ = ["Address", "PageServer", "parse_address"]

_MOST_CONNECTIONS = 64
_LAST_SECONDS = 1.0  # for viewers to take what is left, at the end


class Address(NamedTuple):
    """Where to serve."""

    host: str
    port: int


def parse_address(text: str) -> Address:
    """``ADDRESS:PORT``, ``[ADDRESS]:PORT`` or ``PORT``, which is of this computer alone.

    Raises:
        ArgumentError: not such a text.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) < 65536):
        raise ArgumentError(
            f"address: got {shown(text)}; ADDRESS:PORT is wanted, as 127.0.0.1:8000"
        )
    return Address(host, int(port))


class PageServer:
    """Serves a `Board`, from the beginning of the block to its end.

    Args:
        board: what is shown; closed at the end of the block.
        address: where; port 0 takes a free one.
        token: see `Access`; must be one where the address is not of this computer alone.
        hosts: see `Access`.
        name, crops: see `rostro.video.web.app.make_app`.

    Attributes:
        url: of the page, with the token.

    Raises:
        ArgumentError: an address for others without a token.
        ExtraNotInstalledError: without ``rostro[web]``.
        ServeError: the address cannot be served.
    """

    def __init__(
        self,
        board: Board,
        address: Address,
        token: str | None = None,
        hosts: Collection[str] = (),
        name: Namer | None = None,
        crops: Crops = lambda id_: None,
    ) -> None:
        if token is None and not is_loopback(address.host):
            raise ArgumentError(
                f"token: got None for {address.host}, which others reach; a token is wanted"
            )
        try:
            import uvicorn

            from rostro.video.web.app import make_app
        except ImportError as error:
            raise ExtraNotInstalledError(
                f"{error.name} cannot be imported ({error}); it comes with: "
                "pip install 'rostro[web]'"
            ) from error
        self._board = board
        self._socket = _listen(address)
        port = self._socket.getsockname()[1]
        access = Access(token, {address.host, *hosts}, port)
        config = uvicorn.Config(
            make_app(board, access, name, crops),
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http="h11",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="rostro page", daemon=True)
        host = socket.gethostname() if address.host in ("0.0.0.0", "::") else address.host
        host = f"[{host}]" if ":" in host else host
        self.url = f"http://{host}:{port}/" + ("" if token is None else f"?token={token}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._board.close()
        self._server.should_exit = True
        self._thread.join(4 * _LAST_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        async def serve() -> None:
            self._board.attach(asyncio.get_running_loop())
            try:
                await self._server.serve(sockets=[self._socket])
            finally:
                self._board.attach(None)

        asyncio.run(serve())


def _listen(address: Address) -> socket.socket:
    try:
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, where = found[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(where)
            listening.listen(_MOST_CONNECTIONS)
        except BaseException:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServeError(f"cannot serve {address.host}:{address.port}: {reason}") from error
    return listening
