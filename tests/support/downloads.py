"""A file that tests fetch."""

from __future__ import annotations

import hashlib

from rostro.models.fetch import RemoteFile, Source

CONTENT = bytes(range(256)) * 8192


def remote(*sources: Source) -> RemoteFile:
    return RemoteFile("thing.bin", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), sources)
