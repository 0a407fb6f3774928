"""Quality of service: what the node asks of cameras and gives to who listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

try:
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ImportError:  # ROS 2 Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks

__all__ = ["ANSWERS", "PICTURES", "RESULTS", "TRANSFORMS", "events", "images", "unwatched"]

RESULTS = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
"""Of what is said of faces: both reliable and best-effort subscribers match."""
PICTURES = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
"""Of the annotated image: RViz asks for reliable images unless it is told otherwise."""
ANSWERS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
TRANSFORMS = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
"""As tf2_ros has it."""


def images(reliability: str) -> QoSProfile:
    """Of the subscription of images: the newest one alone, as camera drivers publish them."""
    reliable = reliability == "reliable"
    return QoSProfile(
        depth=1,
        history=HistoryPolicy.KEEP_LAST,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.VOLATILE,
    )


def unwatched() -> Any:
    """Callbacks of a publisher: none. Each would be waited for with every image; of a subscription
    that does not match, its own node warns."""
    return PublisherEventCallbacks(use_default_callbacks=False)


def events(incompatible: Callable[[str], None]) -> Any:
    """Callbacks of a subscription that say why a publisher's images do not come.

    Args:
        incompatible: told the policy of the publisher that does not match.
    """

    def differs(event: Any) -> None:
        kind = str(getattr(event.last_policy_kind, "name", event.last_policy_kind))
        incompatible(kind.lower())

    return SubscriptionEventCallbacks(incompatible_qos=differs, use_default_callbacks=False)
