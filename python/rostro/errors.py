"""Every error that rostro raises on purpose.

Each class also subclasses the built-in that fits, so that ``except ValueError`` keeps working for
callers who do not know rostro. A message names what was given, what is wanted and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "DownloadError",
    "EngineError",
    "EngineNotInstalledError",
    "EnrollmentError",
    "EvaluationError",
    "ExtraNotInstalledError",
    "FileMissingError",
    "GalleryBusyError",
    "GalleryCorruptError",
    "GalleryError",
    "GalleryKeyError",
    "ImageError",
    "ModelError",
    "ModelIntegrityError",
    "QuantizationError",
    "RegionsError",
    "ReviewError",
    "RostroError",
    "ServeError",
    "UnknownModelError",
    "UnknownNameError",
    "VideoError",
    "WriteError",
]


class RostroError(Exception):
    """Base of all errors of rostro."""


class ArgumentError(RostroError, ValueError):
    """An argument has the wrong value, shape, stride or range."""


class ArgumentTypeError(RostroError, TypeError):
    """An argument has the wrong type or dtype."""


class FileMissingError(RostroError, FileNotFoundError):
    """A file that was named does not exist."""


class ImageError(RostroError, ValueError):
    """A file is no picture that can be read: empty, truncated, too large or of no known format."""


class ModelError(RostroError, ValueError):
    """A model file or a model card cannot be used."""


class ModelIntegrityError(ModelError):
    """A model file is not the one its card names: its size or SHA-256 differs."""


class UnknownModelError(RostroError, LookupError):
    """No model card and no file has this name."""


class DownloadError(RostroError, OSError):
    """None of the sources of a file could be reached, or none gave the right file."""


class EngineError(RostroError, RuntimeError):
    """An engine failed to load or run a network."""


class EngineNotInstalledError(RostroError, ImportError):
    """The engine that was asked for is not installed."""


class EnrollmentError(RostroError, ValueError):
    """Somebody seen in a video is not enrolled: not seen well enough, or too much like another.

    Attributes:
        reasons: sentences.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


class EvaluationError(RostroError, ValueError):
    """Ground truth or detections cannot be evaluated: malformed, or one does not fit the other."""


class ExtraNotInstalledError(RostroError, ImportError):
    """What is asked for needs packages that an extra of rostro brings, and they are missing."""


class GalleryError(RostroError, ValueError):
    """A gallery cannot be used: no gallery file, a newer format, another embedder, closed."""


class GalleryKeyError(GalleryError):
    """A gallery's key is wrong, missing, or given for a gallery that is not encrypted."""


class GalleryCorruptError(GalleryError):
    """A gallery's file is damaged or was altered; what is whole can be exported."""


class GalleryBusyError(RostroError, TimeoutError):
    """Another process held the gallery's file for longer than the timeout."""


class UnknownNameError(RostroError, LookupError):
    """A gallery holds nobody of this name."""


class VideoError(RostroError, OSError):
    """A video, camera or stream cannot be opened or holds nothing that can be decoded."""


class RegionsError(RostroError, ValueError):
    """A file of regions to be hidden is malformed, or belongs to another photo or video."""


class ReviewError(RostroError, ValueError):
    """A folder is no review queue, or a record of one cannot be read."""


class QuantizationError(RostroError, ValueError):
    """A network cannot be quantised as asked: no usable photos, or it misses the limits.

    Attributes:
        table: what was measured, as a Markdown table; empty if nothing was.
    """

    def __init__(self, message: str, table: str = "") -> None:
        super().__init__(message)
        self.table = table


class ServeError(RostroError, OSError):
    """An address cannot be served: taken by another program, not allowed, or not of here."""


class WriteError(RostroError, OSError):
    """A file or the cache folder cannot be written."""
