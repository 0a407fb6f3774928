"""Frames of files, folders, cameras and addresses."""

from rostro.video.sources.frame import Frame, Source
from rostro.video.sources.newest import NewestFrame
from rostro.video.sources.open_source import open_source
from rostro.video.sources.problems import Problem, Problems
from rostro.video.sources.retry import Retry

__all__ = ["Frame", "NewestFrame", "Problem", "Problems", "Retry", "Source", "open_source"]
