"""Without ROS what needs it is skipped; with it, tests hear themselves alone."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

NEEDS = {
    "test_images": (),
    "test_settings": (),
    "test_worker": (),
    "test_extras": ("rclpy", "tf2_msgs", "hri_msgs", "vision_msgs"),
}
"""Packages that a file imports, where these are not `rclpy` alone."""

# Before anything imports rclpy: nobody else on the network is heard, nor another test process.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)
# Images of 640x480 do not fit into the shared memory that Fast DDS has by default.
_ROOT = Path(__file__).resolve().parents[2]
os.environ["FASTDDS_DEFAULT_PROFILES_FILE"] = str(_ROOT / "ros2/rostro_ros/config/fastdds.xml")


class _Skipped(pytest.Module):
    """A file whose imports would fail."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        pytest.skip("no ROS 2, or messages of it: tools/ros2/setup", allow_module_level=True)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    needs = NEEDS.get(module_path.stem, ("rclpy",))
    if all(importlib.util.find_spec(package) is not None for package in needs):
        return None
    return _Skipped.from_parent(parent, path=module_path)
