"""Points of faces: networks that find them, and the schemes that they come in."""
