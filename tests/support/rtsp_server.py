"""A real RTSP server, GStreamer's, in a process of its own: for tests of cameras that die."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# 30 frames a second of H.264 over RTP, as cameras of networks send it.
_SERVER = """
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
if Gst.ElementFactory.find("x264enc") is None or Gst.ElementFactory.find("rtph264pay") is None:
    sys.exit("no x264enc or no rtph264pay")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=30/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 )"
)
factory.set_shared(True)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
server.get_mount_points().add_factory("/stream", factory)
if server.attach(None) == 0:
    sys.exit("the port is taken")
print("ready", flush=True)
GLib.MainLoop().run()
"""
_PACKAGES = (
    "python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, gstreamer1.0-plugins-ugly"
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def rtsp_server(port: int) -> Iterator[subprocess.Popen[str]]:
    """Serves ``rtsp://127.0.0.1:PORT/stream``; skips the test where there is no such server."""
    python = shutil.which("python3", path="/usr/bin:/bin")  # the one whose packages Debian has
    if python is None:
        pytest.skip("no python3 of the system")
    server = subprocess.Popen(
        [python, "-c", _SERVER, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None and server.stderr is not None
        if server.stdout.readline() != "ready\n":
            why = server.stderr.read().strip().splitlines()[-1:]
            pytest.skip(f"no RTSP server ({why}); Debian's packages {_PACKAGES}")
        yield server
    finally:
        server.kill()
        server.communicate()
