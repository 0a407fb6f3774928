"""Faces of streams: ids that last, names, and what happens to them."""

from rostro.video.face_tracker import FaceTracker
from rostro.video.identity import Identity, IdentitySettings
from rostro.video.templates import ClusterTemplate, MeanTemplate
from rostro.video.tracker import Event, Predicted, Tracker
from rostro.video.tracker_settings import TrackerSettings

__all__ = [
    "ClusterTemplate",
    "Event",
    "FaceTracker",
    "Identity",
    "IdentitySettings",
    "MeanTemplate",
    "Predicted",
    "Tracker",
    "TrackerSettings",
]
