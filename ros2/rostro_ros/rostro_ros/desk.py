"""Where commands come in and answers go out; what waits for disks and networks is done here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future as Work
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rclpy.task import Future
from std_msgs.msg import String
from std_srvs.srv import Trigger

from rostro_ros import qos
from rostro_ros.commands import Commands
from rostro_ros.results import line

__all__ = ["Desk"]


class Desk:
    """The topics and services of a node's commands, carried out in a thread of its own, one after
    the other: neither messages nor images wait for them.

    Args:
        node: that hears and answers, in every state.
        commands: what is done.
    """

    def __init__(self, node: Any, commands: Commands) -> None:
        self._node, self._commands = node, commands
        self._thread = ThreadPoolExecutor(1, "rostro-desk")
        self._answers = node.create_publisher(String, "~/answer", qos.ANSWERS)
        node.create_subscription(String, "~/command", self._obey, qos.ANSWERS)
        node.create_service(Trigger, "~/list", self._serve("list"))
        node.create_service(Trigger, "~/reload", self._serve("reload"))

    def do(self, work: Callable[[], None]) -> None:
        """Something else that waits, after the commands that came before."""
        self._thread.submit(work)

    def close(self) -> None:
        """After the command under way, which does not look at anybody any more."""
        self._commands.end()
        self._thread.shutdown(cancel_futures=True)

    def _obey(self, message: String) -> None:
        def answer(work: Work[dict[str, Any]]) -> None:
            if not work.cancelled():
                self._answers.publish(String(data=line(work.result())))

        self._thread.submit(self._commands, message.data).add_done_callback(answer)

    def _serve(self, what: str) -> Any:
        """A service whose answer is awaited, so that images are heard meanwhile."""

        async def serve(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
            executor = self._node.executor
            answered = Future(executor=executor)

            def done(work: Work[dict[str, Any]]) -> None:
                if not work.cancelled():
                    answered.set_result(work.result())
                    executor.wake()  # it does not look by itself whether somebody waits

            self._thread.submit(self._commands, line({"do": what})).add_done_callback(done)
            answer = await answered
            response.success, response.message = answer["ok"], line(answer)
            return response

        return serve
