"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rostro.errors import WriteError
from rostro.support.files import replacing


def test_what_is_written_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    with replacing(path) as file:
        file.write(b"one")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"two")
        file.flush()
        raise ZeroDivisionError
    assert path.read_bytes() == b"one"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(WriteError, match="a file is wanted"), replacing(path) as file:
            file.write(b"lost")
    assert pipe.is_fifo()
