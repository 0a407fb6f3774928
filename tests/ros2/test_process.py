"""The program itself: a process that configures itself, and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import rclpy
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor

from tests.ros2.support import PATIENCE, until

PACKAGE = Path(__file__).resolve().parents[2] / "ros2" / "rostro_ros"
PROGRAM = f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); "
PROGRAM += "from rostro_ros.face_node import main; main()"


@pytest.mark.heavy
@pytest.mark.processes
@pytest.mark.usefixtures("default_models")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_starts_active_and_ends_by_a_signal(end: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, "--ros-args", "-p", "autostart:=true"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        context = Context()
        context.init()
        peer = rclpy.create_node("peer", context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(peer)
        states = peer.create_client(GetState, "/face_node/get_state")
        try:
            until(states.service_is_ready, 3 * PATIENCE)

            def active() -> bool:
                # Asked again, for an answer is lost where the node does not know the client yet.
                answer = states.call_async(GetState.Request())
                executor.spin_until_future_complete(answer, 5)
                told = answer.result()
                return told is not None and told.current_state.id == State.PRIMARY_STATE_ACTIVE

            until(active, 3 * PATIENCE)
            process.send_signal(end)
            _, said = process.communicate(timeout=3 * PATIENCE)
            assert "Traceback" not in said
        finally:
            process.kill()
            executor.shutdown()
            peer.destroy_node()
            context.try_shutdown()
