"""Faces of streams: frames in and out, ids that last, names, and what happens to them."""

from rostro.video.conditional import ConditionalTemplate
from rostro.video.enrolling import EnrollSettings
from rostro.video.face_tracker import FaceTracker
from rostro.video.identity import Identity, IdentitySettings
from rostro.video.review import ReviewQueue
from rostro.video.sources import (
    Frame,
    NewestFrame,
    Problem,
    Problems,
    Retry,
    Source,
    open_source,
)
from rostro.video.templates import ClusterTemplate, MeanTemplate
from rostro.video.tracker import Event, Predicted, Tracker
from rostro.video.tracker_settings import TrackerSettings
from rostro.video.writer import VideoWriter

__all__ = [
    "ClusterTemplate",
    "ConditionalTemplate",
    "EnrollSettings",
    "Event",
    "FaceTracker",
    "Frame",
    "Identity",
    "IdentitySettings",
    "MeanTemplate",
    "NewestFrame",
    "Predicted",
    "Problem",
    "Problems",
    "Retry",
    "ReviewQueue",
    "Source",
    "Tracker",
    "TrackerSettings",
    "VideoWriter",
    "open_source",
]
