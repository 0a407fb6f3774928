"""The image with what was found, drawn while somebody looks."""

from __future__ import annotations

import time

from rostro.pictures.draw import draw_faces
from rostro.types import Image
from rostro.video.anonymize.hiding import Hiding, enlarged
from rostro_ros.engine import Seen
from rostro_ros.images import as_bgr
from rostro_ros.markers import caption

__all__ = ["Pace", "annotated"]

_hide = Hiding("blur")


def annotated(seen: Seen, anonymize: bool) -> Image:
    """(H, W, 3) BGR with boxes, poses and names; with blurred faces, and no names, if asked."""
    image, faces = as_bgr(seen.picture), seen.faces
    if anonymize:
        _hide(image, enlarged(faces.boxes))
    tracks = [-1] * len(faces) if faces.ids is None else faces.ids.tolist()
    captions = [
        ("" if track < 0 else seen.face_id(track))
        if anonymize
        else caption(seen, track, seen.people.get(track))
        for track in tracks
    ]
    return draw_faces(image, faces, captions=captions)


class Pace:
    """So many a second, at most."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def due(self, rate: float) -> bool:
        """Whether the next one may be now; 0: always."""
        now = time.monotonic()
        # A little early is in time: frames do not come to the microsecond.
        if rate > 0 and now - self._last < 0.95 / rate:
            return False
        self._last = now
        return True
