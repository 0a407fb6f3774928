"""For colcon: an ament_python package."""

from pathlib import Path

from setuptools import setup

NAME = "rostro_ros"


def shared(folder: str) -> tuple[str, list[str]]:
    files = sorted(str(path) for path in Path(folder).iterdir() if path.is_file())
    return f"share/{NAME}/{folder}", files


setup(
    name=NAME,
    version="0.1.0",
    packages=[NAME],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        shared("launch"),
        shared("config"),
        shared("rviz"),
    ],
    install_requires=["setuptools", "rostro"],
    zip_safe=True,
    maintainer="The rostro project",
    maintainer_email="rostro@example.org",
    description="Faces, poses and names on standard topics, by rostro.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "face_node = rostro_ros.face_node:main",
            "faces = rostro_ros.faces:main",
        ]
    },
)
