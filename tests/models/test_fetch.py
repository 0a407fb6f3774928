"""Fetching: whatever the source, only the hash decides, and nothing half-written stays."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rostro.errors import DownloadError, WriteError
from rostro.models.fetch import UrlSource, WheelSource, fetch_file
from tests.support.downloads import CONTENT, remote

STALL = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/absent":
            self.send_error(404)
            return
        self.send_response(200)
        length = len(CONTENT) * (2 if self.path == "/long" else 1)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        match self.path:
            case "/good":
                self.wfile.write(CONTENT)
            case "/altered":
                self.wfile.write(CONTENT[:-1] + b"!")
            case "/long":
                self.wfile.write(CONTENT + CONTENT)
            case "/half":
                self.wfile.write(CONTENT[: len(CONTENT) // 2])
            case "/stalls":
                self.wfile.write(CONTENT[: len(CONTENT) // 2])
                self.wfile.flush()
                STALL.wait(30)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up here on purpose."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        STALL.set()
        httpd.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("ROSTRO_MODELS", raising=False)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_from_an_address(server: str, tmp_path: Path) -> None:
    wanted = tmp_path / "new" / "folder" / "thing.bin"
    assert fetch_file(remote(UrlSource(f"{server}/good")), wanted) == wanted
    assert wanted.read_bytes() == CONTENT
    assert files_in(tmp_path) == [wanted]
    # It is there now: no source is needed any more.
    assert fetch_file(remote(), wanted) == wanted


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("absent", "HTTP 404"),
        ("altered", "got SHA-256"),
        ("long", "got more than 2097152 bytes"),
        ("half", "got 1048576 bytes; 2097152 are wanted"),
    ],
)
def test_bad_addresses(server: str, tmp_path: Path, page: str, reason: str) -> None:
    bad = UrlSource(f"{server}/{page}")
    with pytest.raises(DownloadError, match=reason) as caught:
        fetch_file(remote(bad), tmp_path / "thing.bin")
    assert files_in(tmp_path) == []
    message = str(caught.value)
    assert "\n" not in message
    for part in (remote().digest, bad.url, str(tmp_path / "thing.bin"), "ROSTRO_MODELS"):
        assert part in message
    # The next source is tried, and only the hash decides.
    assert fetch_file(remote(bad, UrlSource(f"{server}/good")), tmp_path / "thing.bin").is_file()


def test_host_that_is_not_there(tmp_path: Path) -> None:
    sources = (UrlSource("http://127.0.0.1:9/x"), UrlSource("nonsense"), UrlSource("http://[/"))
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote(*sources), tmp_path / "thing.bin")
    assert all(str(source) in str(caught.value) for source in sources)


def test_folders_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    for folder, content in ((wrong, CONTENT[::-1]), (right, CONTENT)):
        folder.mkdir()
        (folder / "thing.bin").write_bytes(content)
    wanted = tmp_path / "cache" / "thing.bin"
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    with pytest.raises(DownloadError, match=rf"{wrong / 'thing.bin'}: got SHA-256"):
        fetch_file(remote(), wanted, folders=[wrong, tmp_path / "absent"])
    assert files_in(tmp_path / "cache") == []
    fetch_file(remote(), wanted, folders=[wrong, right])
    assert wanted.read_bytes() == CONTENT
    wanted.unlink()
    monkeypatch.setenv("ROSTRO_MODELS", str(right))
    assert fetch_file(remote(), wanted).read_bytes() == CONTENT


def test_wrong_file_at_the_destination_is_replaced(server: str, tmp_path: Path) -> None:
    wanted = tmp_path / "thing.bin"
    wanted.write_bytes(b"altered by hand")
    with pytest.raises(DownloadError, match="got 15 bytes; 2097152 are wanted"):
        fetch_file(remote(), wanted)
    fetch_file(remote(UrlSource(f"{server}/good")), wanted)
    assert wanted.read_bytes() == CONTENT


def test_offline(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    with pytest.raises(DownloadError, match="the network is off by ROSTRO_OFFLINE"):
        fetch_file(remote(UrlSource(f"{server}/good")), tmp_path / "thing.bin")


@pytest.mark.heavy
@pytest.mark.processes
def test_from_a_wheel_for_another_machine(index: Path, tmp_path: Path) -> None:
    tag = "py3-none-manylinux2014_s390x"
    whole = index / "thing-1.0-py3-none-any.whl"
    whole.rename(index / f"thing-1.0-{tag}.whl")
    source = WheelSource("thing", "1.0", "thing/thing.bin")
    with pytest.raises(DownloadError, match="thing"):
        fetch_file(remote(source), tmp_path / "thing.bin")
    source = replace(source, platform="manylinux2014_s390x")
    assert fetch_file(remote(source), tmp_path / "thing.bin").read_bytes() == CONTENT


@pytest.mark.heavy
@pytest.mark.processes
def test_from_a_wheel(index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wanted = tmp_path / "cache" / "thing.bin"
    fetch_file(remote(WheelSource("thing", "1.0", "thing/thing.bin")), wanted)
    assert wanted.read_bytes() == CONTENT
    assert files_in(tmp_path / "cache") == [wanted]
    assert capfd.readouterr() == ("", "")


@pytest.mark.heavy
@pytest.mark.processes
def test_wheels_that_do_not_have_it(index: Path, tmp_path: Path) -> None:
    sources = (
        WheelSource("thing", "1.0", "thing/other.bin"),
        WheelSource("thing", "1.0", "thing/__init__.py"),
        WheelSource("thing", "2.0", "thing/thing.bin"),
    )
    with pytest.raises(DownloadError) as caught:
        fetch_file(remote(*sources), tmp_path / "thing.bin")
    message = str(caught.value)
    assert "does not hold it" in message
    assert "bytes; 2097152 are wanted" in message
    assert "pip download: No matching distribution found for thing==2.0" in message
    (index / "thing-3.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(DownloadError, match=r"pip download|does not hold it"):
        fetch_file(remote(WheelSource("thing", "3.0", "thing/thing.bin")), tmp_path / "thing.bin")


def test_without_pip(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(DownloadError, match="needs pip in this environment"):
        fetch_file(remote(WheelSource("thing", "1.0", "thing/thing.bin")), tmp_path / "thing.bin")


@pytest.mark.processes
def test_interrupted(server: str, tmp_path: Path) -> None:
    """Ctrl-C in the middle of a download leaves nothing behind."""
    script = (
        "import signal, sys; from pathlib import Path; from rostro.models.fetch import *\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # jobs of a shell ignore it
        f"file = RemoteFile('thing.bin', 'a' * 64, {len(CONTENT)}, (UrlSource(sys.argv[1]),))\n"
        "fetch_file(file, Path(sys.argv[2]))"
    )
    wanted = tmp_path / "cache" / "thing.bin"
    process = subprocess.Popen(
        [sys.executable, "-c", script, f"{server}/stalls", str(wanted)], stderr=subprocess.PIPE
    )
    waiting = threading.Event()
    while process.poll() is None and not files_in(tmp_path):
        waiting.wait(0.05)
    assert len(files_in(tmp_path)) == 1
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert b"KeyboardInterrupt" in stderr
    assert files_in(tmp_path) == []


def test_destination_that_cannot_be_written(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WriteError, match=r"cannot write .*thing\.bin: File exists: .*file"):
        fetch_file(remote(UrlSource(f"{server}/good")), tmp_path / "file" / "thing.bin")
