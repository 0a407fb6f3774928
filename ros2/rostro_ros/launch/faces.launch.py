"""The node of one camera, configured and activated.

ros2 launch rostro_ros faces.launch.py image:=/camera/image_raw gallery:=people.rostro
"""

from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

ARGUMENTS = {
    "name": ("face_node", "Of the node: one for each camera."),
    "image": ("/camera/image_raw", "Topic of the images."),
    "camera_info": ("/camera/camera_info", "Topic of the camera's calibration."),
    "gallery": ("", "The file of the people who are known."),
    "humans": ("false", "Also speak REP-155."),
    "config": (
        PathJoinSubstitution([FindPackageShare("rostro_ros"), "config", "faces.yaml"]),
        "All other parameters.",
    ),
}


def generate_launch_description() -> LaunchDescription:
    given = {name: LaunchConfiguration(name) for name in ARGUMENTS}
    node = Node(
        package="rostro_ros",
        executable="face_node",
        name=given["name"],
        output="screen",
        parameters=[
            given["config"],
            {
                "autostart": True,
                "gallery": ParameterValue(given["gallery"], value_type=str),
                "humans": ParameterValue(given["humans"], value_type=bool),
            },
        ],
        remappings=[
            ("image", given["image"]),
            ("image/compressed", [given["image"], "/compressed"]),
            ("camera_info", given["camera_info"]),
        ],
    )
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=says)
        for name, (default, says) in ARGUMENTS.items()
    ]
    return LaunchDescription([*declared, node])
