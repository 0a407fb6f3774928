"""Faces for RViz: where each looks, and who it is."""

from __future__ import annotations

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point
from visualization_msgs.msg import Marker, MarkerArray

from rostro.video.watch.people import Person
from rostro_ros.engine import Seen
from rostro_ros.poses import FacePoses

__all__ = ["markers"]

_LIFE = Duration(sec=0, nanosec=500_000_000)
"""After which RViz takes away what no image confirmed."""
_LOOK, _SHAFT, _HEAD = 0.15, 0.015, 0.03  # metres of the arrow
_TEXT, _ABOVE = 0.05, 0.14  # metres: height of letters, and how far above the sellion they are


def markers(seen: Seen, found: FacePoses | None) -> MarkerArray:
    """An arrow out of each face, and a caption above it, in place of those of the image before."""
    message = MarkerArray(markers=[Marker(header=seen.header, action=Marker.DELETEALL)])
    if found is None:
        return message
    tracks = [-1] * len(seen.faces) if seen.faces.ids is None else seen.faces.ids.tolist()
    for row, track in enumerate(tracks):
        if not found.known[row]:
            continue
        person = seen.people.get(track)
        known = person is not None and person.name is not None
        place, turn = found.positions[row].tolist(), found.quaternions[row].tolist()
        arrow = _marker(seen, "gaze", row, Marker.ARROW, known)
        arrow.pose.position = Point(x=place[0], y=place[1], z=place[2])
        rotation = arrow.pose.orientation
        rotation.x, rotation.y, rotation.z, rotation.w = turn
        arrow.scale.x, arrow.scale.y, arrow.scale.z = _LOOK, _SHAFT, _HEAD
        text = _marker(seen, "name", row, Marker.TEXT_VIEW_FACING, known)
        # Up in the image is against y of the camera's optical frame.
        text.pose.position = Point(x=place[0], y=place[1] - _ABOVE, z=place[2])
        text.scale.z, text.text = _TEXT, caption(seen, track, person)
        message.markers += [arrow, text]
    return message


def caption(seen: Seen, track: int, person: Person | None) -> str:
    """The name, or the id that is published."""
    if track < 0 or person is None:
        return ""
    text = person.caption  # "#7", "#7 not live", or the name
    return text if person.name is not None else text.replace(f"#{track}", seen.face_id(track))


def _marker(seen: Seen, group: str, number: int, kind: int, known: bool) -> Marker:
    made = Marker(header=seen.header, ns=group, id=number, type=kind, action=Marker.ADD)
    made.lifetime = _LIFE
    color = made.color
    color.r, color.g, color.b, color.a = (0.25, 0.88, 0.38, 1.0) if known else (1.0, 0.75, 0.2, 1.0)
    return made
