"""Which pictures there are: the formats of Pillow and its plug-ins, the suffixes of their files."""

from __future__ import annotations

import functools
import importlib.util
import struct
from typing import TYPE_CHECKING, BinaryIO

from rostro.errors import ImageError
from rostro.support.forks import lock_around_forks

# Pillow is imported when the first picture is read: `import rostro` stays quick.
if TYPE_CHECKING:
    from PIL import Image as pillow

__all__ = ["open_picture", "picture_suffixes"]

# Pillow has an entry for these, but no pixels: it runs Ghostscript, a program, on what an EPS file
# says, and knows the others by their first bytes alone.
_NO_PICTURES = frozenset({"EPS", "BUFR", "GRIB", "HDF5", "MPEG", "WMF"})

_HEIF_SUFFIXES = frozenset({".heic", ".heics", ".heif", ".heifs", ".hif"})
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)

# A process that is forked while a thread imports Pillow would wait for ever for the import's lock.
_loading = lock_around_forks()

# What Pillow's readers raise where a file is not theirs after all.
_NOT_MINE = (SyntaxError, IndexError, TypeError, struct.error)


def picture_suffixes() -> frozenset[str]:
    """Lower-case suffixes of pictures, by which folders are searched: those of all formats that
    Pillow reads here, and those of HEIF, so that an iPhone's photos are missed by nobody in silence
    where the extra ``heif`` is not installed."""
    with _loading:
        from PIL import Image as pillow

        known = pillow.registered_extensions()  # loads all readers
    readable = {*pillow.OPEN, "MPO"} - _NO_PICTURES  # MPO is opened as the JPEG it begins with
    return _HEIF_SUFFIXES | {suffix for suffix, name in known.items() if name in readable}


def open_picture(file: BinaryIO) -> pillow.Image:
    """The picture in a file that can be sought in; its size is known, its pixels are not read.

    `PIL.Image.open` is not used: its limit on pixels is one for the whole process, and so are the
    warnings from half of it on.

    Raises:
        ImageError: no reader knows the file.
        Exception: nearly any, of Pillow's readers, where the file is damaged.
    """
    with _loading:
        from PIL import Image as pillow
        from PIL import TiffImagePlugin  # noqa: F401 (Pillow imports it later, for EXIF data)

    header = file.read(16)
    if not header:
        raise ImageError("the file is empty")
    tried = set(_NO_PICTURES)
    # The common formats, all others, and HEIF, whose reader is loaded when such a picture comes.
    for load_readers in (pillow.preinit, pillow.init, functools.partial(_load_heif, header)):
        with _loading:
            load_readers()
        for name, (factory, accept) in list(pillow.OPEN.items()):
            if name in tried:
                continue
            tried.add(name)
            try:
                if accept is None or accept(header) is True:
                    file.seek(0)
                    return factory(file, "")
            except _NOT_MINE:
                continue
    raise ImageError("not a picture, or its header is damaged")


def _load_heif(header: bytes) -> None:
    if header[4:8] != b"ftyp" or header[8:12] not in _HEIF_BRANDS:
        return
    if importlib.util.find_spec("pillow_heif") is None:
        raise ImageError("a HEIF picture, and its reader is missing: pip install 'rostro[heif]'")
    import pillow_heif

    pillow_heif.register_heif_opener()
