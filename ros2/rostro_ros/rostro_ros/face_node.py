"""The lifecycle node: states, and who hears whom. Callbacks never run networks: a worker does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from rostro.errors import ArgumentError, RostroError
from rostro_ros import images, parameters, qos
from rostro_ros.annotated import Pace
from rostro_ros.camera import SizedCamera, of_info
from rostro_ros.commands import Commands
from rostro_ros.desk import Desk
from rostro_ros.diagnostics import Health
from rostro_ros.engine import Engine
from rostro_ros.outputs import Outputs
from rostro_ros.settings import Settings, changed
from rostro_ros.worker import Given, Worker

__all__ = ["FaceNode", "main"]

_SUCCESS, _FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class FaceNode(LifecycleNode):
    """Faces of one camera. docs/guide/ros2.md says what it hears, tells and can be told.

    Args:
        make: makes the engine; tests give another.
    """

    def __init__(self, make: Callable[[Settings], Engine] = Engine, **options: Any) -> None:
        super().__init__("face_node", **options)
        self._make = make
        self._engine: Engine | None = None
        self._worker: Worker[Any] | None = None
        self._outputs: Outputs | None = None
        self._camera: SizedCamera | None = None
        self._heard: list[Any] = []
        self._pace = Pace()
        self._health = Health()
        parameters.declare(self)
        self._settings = parameters.read(self)
        self.add_on_set_parameters_callback(self._change)
        commands = Commands(lambda: self._engine, lambda: self._worker, self._renew, self._failed)
        self._desk = Desk(self, commands)
        # Diagnostics go on while a bag or a simulator stands still.
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._status = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._timer = self._new_timer()

    # States

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            self._settings = parameters.read(self)
            self._engine = self._make(self._settings)
            self._outputs = Outputs(self, self._settings, self.get_logger().warning)
        except (RostroError, OSError, ImportError) as error:
            self._release()
            self._health.stand("configure", error)
            self.get_logger().error(f"cannot be configured: {error}")
            return _FAILURE
        self._health.stand("configure", None)
        self._health.stand("change", None)
        self._use_camera()
        self._worker = Worker(self._work, lambda error: self._failed("image", error))
        self._health.state = "inactive"
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        compressed = self._settings.transport == "compressed"
        kind, topic = (CompressedImage, "image/compressed") if compressed else (Image, "image")
        profile = qos.images(self._settings.reliability)
        self._heard = [
            self.create_subscription(
                *(kind, topic, self._hear, profile), event_callbacks=qos.events(self._mismatch)
            ),
            self.create_subscription(
                CameraInfo, "camera_info", self._hear_camera, qos.images("best_effort")
            ),
        ]
        self._health.came()
        self._health.state = "active"
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._silence()
        self._health.state = "inactive"
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._release()
        self._health.state = "unconfigured"
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._release()
        self._health.state = "finalized"
        return _SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """A transition raised what nobody foresaw: from the beginning."""
        self._health.fail("lifecycle", f"a transition from {state.label} failed")
        self._release()
        self._health.state = "unconfigured"
        return _SUCCESS

    def destroy_node(self) -> None:
        self._desk.close()
        self._release()
        super().destroy_node()

    def _silence(self) -> None:
        for subscription in self._heard:
            self.destroy_subscription(subscription)
        self._heard = []
        if self._worker is not None:
            self._worker.forget()

    def _release(self) -> None:
        self._silence()
        worker, self._worker = self._worker, None
        engine, self._engine = self._engine, None
        outputs, self._outputs = self._outputs, None
        if worker is not None:
            worker.end()
        if outputs is not None:
            outputs.close()
        if engine is not None:
            engine.close()

    # Images

    def _hear(self, message: Image | CompressedImage) -> None:
        self._health.came()
        if self._worker is not None and self._pace.due(self._settings.rate):
            self._worker.give(message)

    def _work(self, given: Given[Any]) -> None:
        """In the worker's thread."""
        begin = time.perf_counter()
        engine, outputs, settings = self._engine, self._outputs, self._settings
        if engine is None or outputs is None:
            return
        message = given.what
        try:
            raw = isinstance(message, Image)
            picture = images.of_image(message) if raw else images.of_compressed(message)
        except RostroError as error:
            self._tell_seldom(self._health.fail("broken images", error), str(error))
            return
        stamp = message.header.stamp
        seconds = stamp.sec + stamp.nanosec / 1e9
        if seconds == 0:  # a driver that stamps nothing
            seconds = self.get_clock().now().nanoseconds / 1e9
        if engine.is_late(seconds):
            self._health.count("late images")
            return
        taken = time.perf_counter()
        seen = engine.look(message.header, picture, seconds)
        looked = time.perf_counter()
        outputs.publish(seen, settings)
        told = time.perf_counter()
        age = time.monotonic() - given.at
        outputs.draw(seen, settings)
        engine.forget_left(seen)
        self._health.worked(
            {
                "pipeline": looked - taken,
                "own": told - looked + taken - begin,
                "age": age,
                "annotated": time.perf_counter() - told,
            }
        )

    def _hear_camera(self, info: CameraInfo) -> None:
        try:
            camera = of_info(info)
        except RostroError as error:
            self._tell_seldom(self._health.fail("broken camera infos", error), str(error))
            return
        if camera != self._camera:
            self._camera = camera
            self._use_camera()

    def _use_camera(self) -> None:
        if self._engine is not None and self._engine.poses is not None:
            self._engine.poses.use(self._camera)

    # Parameters

    def _change(self, wanted: list[Any]) -> SetParametersResult:
        try:
            settings = parameters.with_changes(self._settings, wanted, self._engine is not None)
        except ArgumentError as error:
            return SetParametersResult(successful=False, reason=str(error))
        asks = changed(self._settings, settings)
        period = self._settings.diagnostics_period
        self._settings = settings
        if settings.diagnostics_period != period:
            self.destroy_timer(self._timer)
            self._timer = self._new_timer()
        if "engine" in asks and self._engine is not None:
            self._desk.do(self._try_renew)
        return SetParametersResult(successful=True)

    def _try_renew(self) -> None:
        try:
            self._renew()
        except (RostroError, TimeoutError) as error:
            self.get_logger().error(f"goes on as it was: {error}")

    def _renew(self) -> None:
        """An engine of the settings as they are, in the place of the one that runs; in the desk's
        thread, while images are looked at.

        Raises:
            RostroError, TimeoutError: the one that runs stays; the diagnostics say so, too.
        """
        worker = self._worker
        if worker is None:
            return
        try:
            made = self._make(self._settings)
        except RostroError as error:
            self._health.stand("change", f"{error}; the node goes on as it was")
            raise
        if made.poses is not None:
            made.poses.use(self._camera)

        def swap() -> Engine | None:
            if self._worker is not worker:  # cleaned up meanwhile
                return made
            before, self._engine = self._engine, made
            return before

        try:
            before = worker.ask(swap)
        except BaseException:
            made.close()
            raise
        if before is not None:
            before.close()
        self._health.stand("change", None)

    # Diagnostics

    def _new_timer(self) -> Any:
        period = self._settings.diagnostics_period
        return self.create_timer(period, self._tell, clock=self._steady)

    def _tell(self) -> None:
        engine, worker = self._engine, self._worker
        more = {} if engine is None else engine.description
        if worker is not None:
            more |= {"received": str(worker.received), "dropped": str(worker.dropped)}
        stamp = self.get_clock().now().to_msg()
        self._status.publish(self._health.message(self.get_fully_qualified_name(), stamp, more))

    def _failed(self, what: str, error: object) -> None:
        self._tell_seldom(self._health.fail(what, error), f"{what}: {error}")

    def _tell_seldom(self, count: int, text: str) -> None:
        """The first, the tenth, the hundredth… into the log; the diagnostics have the last one."""
        if str(count).strip("0") == "1":
            self.get_logger().error(text if count == 1 else f"{text} (the {count}th such)")

    def _mismatch(self, policy: str) -> None:
        text = f"a publisher of images cannot be heard: its {policy} does not match"
        self._health.fail("incompatible publishers", text)
        self.get_logger().warning(f"{text}; see the parameter reliability")


def main(arguments: list[str] | None = None) -> None:
    """``ros2 run rostro_ros face_node``."""
    rclpy.init(args=arguments)
    try:
        _spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except RuntimeError:
        # rclpy's RCLError: a signal ends the context in a thread of its own, at times while the
        # node is made, a callback publishes or the executor is about to wait.
        if rclpy.ok():
            raise
    finally:
        rclpy.try_shutdown()


def _spin() -> None:
    node = FaceNode()
    try:
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        if node.get_parameter("autostart").value and node.trigger_configure() == _SUCCESS:
            node.trigger_activate()
        executor.spin()
    finally:
        node.destroy_node()
