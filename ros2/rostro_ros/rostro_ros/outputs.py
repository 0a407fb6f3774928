"""The topics of what was found: each message is made while somebody listens, and not otherwise."""

from __future__ import annotations

from typing import Any

import sensor_msgs.msg
from geometry_msgs.msg import PoseArray
from std_msgs.msg import String
from visualization_msgs.msg import MarkerArray

from rostro_ros import qos
from rostro_ros.annotated import Pace, annotated
from rostro_ros.engine import Seen
from rostro_ros.images import to_message
from rostro_ros.markers import markers
from rostro_ros.poses import face_poses, pose_array, transforms
from rostro_ros.results import detections, event_documents, faces_document, line
from rostro_ros.settings import Settings

__all__ = ["Outputs"]


class Outputs:
    """Publishers of a node, and what they publish. One thread at a time publishes.

    Args:
        node: a lifecycle node: nothing is published while it is not active.
        note: told what cannot be published, for its messages are not installed.
    """

    def __init__(self, node: Any, settings: Settings, note: Any) -> None:
        def make(kind: Any, topic: str, profile: Any) -> Any:
            return node.create_lifecycle_publisher(
                *(kind, topic, profile), event_callbacks=qos.unwatched()
            )

        self._node = node
        self._publishers = {
            "faces": make(String, "~/faces", qos.RESULTS),
            "events": make(String, "~/events", qos.RESULTS),
            "poses": make(PoseArray, "~/poses", qos.RESULTS),
            "markers": make(MarkerArray, "~/markers", qos.RESULTS),
            "annotated": make(sensor_msgs.msg.Image, "~/annotated", qos.PICTURES),
        }
        self._pace = Pace()
        self._tf = self._vision = self._humans = None
        try:
            import tf2_msgs.msg

            self._tf = tf2_msgs.msg.TFMessage
            self._publishers["tf"] = make(self._tf, "/tf", qos.TRANSFORMS)
        except ImportError as error:
            if settings.tf:
                note(f"no frames face_ID: {error}")
        try:
            import vision_msgs.msg

            self._vision = vision_msgs.msg
            kind = vision_msgs.msg.Detection2DArray
            self._publishers["detections"] = make(kind, "~/detections", qos.RESULTS)
        except ImportError:
            pass  # it is an extra, which the documentation says
        if settings.humans:
            from rostro_ros.humans import Humans

            self._humans = Humans(node)

    def publish(self, seen: Seen, settings: Settings) -> None:
        """All that is known of an image, the names and boxes first."""
        if self._wanted("faces"):
            self._say("faces", faces_document(seen))
        if seen.events and self._wanted("events"):
            for document in event_documents(seen):
                self._say("events", document)
        if self._vision is not None and self._wanted("detections"):
            self._publishers["detections"].publish(detections(seen, self._vision))
        self._publish_poses(seen, settings)
        if self._humans is not None:
            self._humans.publish(seen)

    def draw(self, seen: Seen, settings: Settings) -> None:
        """The annotated image, which takes longer than all else: after that."""
        if self._wanted("annotated") and self._pace.due(settings.annotated_rate):
            message = sensor_msgs.msg.Image(header=seen.header)
            image = annotated(seen, settings.anonymize)
            self._publishers["annotated"].publish(to_message(image, message))

    def close(self) -> None:
        if self._humans is not None:
            self._humans.close()
        for publisher in self._publishers.values():
            self._node.destroy_lifecycle_publisher(publisher)

    def _publish_poses(self, seen: Seen, settings: Settings) -> None:
        tf = self._tf is not None and settings.tf and self._wanted("tf")
        if not tf and not self._wanted("poses") and not self._wanted("markers"):
            return
        found = face_poses(seen.faces)
        if tf and self._tf is not None:
            frames = transforms(seen, found)
            if frames:
                self._publishers["tf"].publish(self._tf(transforms=frames))
        if self._wanted("poses"):
            self._publishers["poses"].publish(pose_array(seen, found))
        if self._wanted("markers"):
            self._publishers["markers"].publish(markers(seen, found))

    def _wanted(self, topic: str) -> bool:
        return bool(self._publishers[topic].get_subscription_count())

    def _say(self, topic: str, document: dict[str, Any]) -> None:
        self._publishers[topic].publish(String(data=line(document)))
