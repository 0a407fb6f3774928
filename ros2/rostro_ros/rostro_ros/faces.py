"""``ros2 run rostro_ros faces``: commands for a node, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any

import rclpy
from rclpy.utilities import remove_ros_args
from std_msgs.msg import String

from rostro_ros import qos
from rostro_ros.commands import LONGEST

__all__ = ["main"]

_PATIENCE = 20.0  # seconds for an answer, beside those that were asked for


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="faces", description=__doc__)
    parser.add_argument("--node", default="/face_node", help="the node's name")
    commands = parser.add_subparsers(dest="do", required=True)
    commands.add_parser("list", help="who is known")
    enroll = commands.add_parser("enroll", help="the face that is there now gets a name")
    enroll.add_argument("name")
    enroll.add_argument("--face", help="its id, where several are there")
    enroll.add_argument("--seconds", type=float, help=f"look for so long first, up to {LONGEST:g}")
    enroll.add_argument("--force", action="store_true", default=None, help="without the rules")
    rename = commands.add_parser("rename", help="somebody gets another name")
    rename.add_argument("name")
    rename.add_argument("to")
    forget = commands.add_parser("forget", help="nothing of somebody is kept")
    forget.add_argument("name")
    commands.add_parser("reload", help="models and gallery are opened anew")
    return parser


def ask(node: Any, target: str, document: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of a node to a command; ``None``: there was none in time."""
    ref = uuid.uuid4().hex
    answers: list[dict[str, Any]] = []

    def hear(message: String) -> None:
        answer = json.loads(message.data)
        if answer.get("ref") == ref:
            answers.append(answer)

    node.create_subscription(String, f"{target}/answer", hear, qos.ANSWERS)
    publisher = node.create_publisher(String, f"{target}/command", qos.ANSWERS)
    until, sent = time.monotonic() + _PATIENCE + document.get("seconds", 0), False
    while not answers and time.monotonic() < until:
        heard = node.count_publishers(f"{target}/answer") and publisher.get_subscription_count()
        if heard and not sent:
            time.sleep(0.2)  # the answer's side of the discovery may lag behind
            publisher.publish(String(data=json.dumps(document | {"ref": ref})))
            sent = True
        rclpy.spin_once(node, timeout_sec=0.1)
    return answers[0] if answers else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Asks, prints the answer as JSON; 0: it was done, 1: it was not, 2: nobody answered."""
    given = sys.argv if arguments is None else ["faces", *arguments]
    options = vars(_parser().parse_args(remove_ros_args(args=given)[1:]))
    target = options.pop("node").rstrip("/")
    document = {key: value for key, value in options.items() if value is not None}
    rclpy.init(args=given)
    node = rclpy.create_node("faces", use_global_arguments=True)
    try:
        answer = ask(node, target, document)
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    if answer is None:
        sys.stderr.write(f"faces: {target} does not answer\n")
        return 2
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    return 0 if answer["ok"] else 1
