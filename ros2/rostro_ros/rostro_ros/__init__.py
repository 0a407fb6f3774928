"""The ROS 2 node of rostro: faces, poses and names on standard topics."""
