"""Sample photos for demonstrations and tests: fetched once, known by their hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rostro.models.fetch import RemoteFile, WheelSource, fetch_file
from rostro.support.files import cache_folder

__all__ = ["ASTRONAUT", "GRACE_HOPPER", "Sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A photo that anyone may use: what it shows, its licence, where it comes from."""

    title: str
    licence: str
    file: RemoteFile

    def fetch(self, progress: bool = False) -> Path:
        """The path of the photo in the cache folder, fetched if it is not there yet.

        Raises:
            DownloadError: no source could give it.
            WriteError: the cache folder cannot be written.
        """
        destination = cache_folder() / "samples" / self.file.name
        return fetch_file(self.file, destination, progress=progress)


ASTRONAUT = Sample(
    title="Eileen Collins, astronaut; portrait by NASA",
    licence="public domain",
    file=RemoteFile(
        name="astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        size=791555,
        sources=(WheelSource("scikit-image", "0.26.0", "skimage/data/astronaut.png"),),
    ),
)

GRACE_HOPPER = Sample(
    title="Grace Hopper, computer scientist; portrait by the US Navy",
    licence="public domain",
    file=RemoteFile(
        name="grace_hopper.jpg",
        sha256="a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        size=61306,
        sources=(
            WheelSource("matplotlib", "3.10.7", "matplotlib/mpl-data/sample_data/grace_hopper.jpg"),
        ),
    ),
)
