"""Folders of pictures: what is taken, and that what is not is counted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rostro.errors import FileMissingError, ImageError
from rostro.pictures.folders import find_pictures_in, person_folders


def tree(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    return folder


def names(folder: Path, pictures: list[Path]) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in pictures]


def test_suffixes_of_every_format(tmp_path: Path) -> None:
    tree(tmp_path, "b.HEIC", "a/deep/er/a.jfif", "c.avif", "d.jpg", "e.webp", "f.jp2")
    found = find_pictures_in(tmp_path)
    wanted = ["a/deep/er/a.jfif", "b.HEIC", "c.avif", "d.jpg", "e.webp", "f.jp2"]
    assert names(tmp_path, found.pictures) == wanted
    assert found.skipped_text() == ""


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    tree(tmp_path, "a.jpg", "notes.txt", "b/film.MOV", "b/notes.txt", "README", ".DS_Store")
    tree(tmp_path, "b/._a.jpg", ".thumbnails/a.jpg", "b/@eaDir/a.jpg", "#recycle/a.jpg")
    tree(tmp_path, "__MACOSX/a.jpg", "$RECYCLE.BIN/a.jpg", "drawn/a.jpg")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nothing")
    found = find_pictures_in(tmp_path, leave_out=tmp_path / "b" / ".." / "drawn")
    assert names(tmp_path, found.pictures) == ["a.jpg"]
    assert found.skipped_text() == (
        "1 .mov file, 2 .txt files, 1 device or broken link, 1 folder link, 2 hidden files, "
        "5 hidden or system folders, 1 other file, 1 output folder"
    )


def test_a_hidden_folder_that_is_named_is_searched(tmp_path: Path) -> None:
    tree(tmp_path, ".mine/a.jpg")
    assert len(find_pictures_in(tmp_path / ".mine").pictures) == 1


def test_people_are_the_folders_right_in_the_folder(tmp_path: Path) -> None:
    tree(tmp_path, "bob/2023/a.jpg", "ada/a.jpg", "loose.jpg", "notes.txt", ".thumbnails/a.jpg")
    (tmp_path / "linked").symlink_to(tmp_path / "ada", target_is_directory=True)
    people, beside = person_folders(tmp_path)
    assert [path.name for path in people] == ["ada", "bob", "linked"]
    assert names(tmp_path, beside.pictures) == ["loose.jpg"]
    assert beside.skipped_text() == "1 .txt file, 1 hidden or system folder"


def test_folders_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileMissingError, match="none: no such folder"):
        find_pictures_in(tmp_path / "none")
    tree(tmp_path, "private/a.jpg")

    def refuse(path: Path) -> None:
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ImageError, match=r".*: Permission denied"):
        find_pictures_in(tmp_path)
