"""One sentence for each limit that a face misses: what was measured, what is wanted, what helps."""

from __future__ import annotations

__all__ = ["sentence"]

# What is wrong, with {value} and {side}; and what would help.
_WORDS = {
    "sharpness": (
        "the face is blurred, its sharpness is {value}",
        "hold still, clean the lens, or let the camera focus",
    ),
    "compression": (
        "the steps at the edges of compressed blocks are {value} times those between other pixels",
        "save the picture with a better quality",
    ),
    "under_exposure": ("{value} of the face is too dark", "more light on the face"),
    "over_exposure": ("{value} of the face is too bright", "less light, or a shorter exposure"),
    "dynamic_range": ("the face has {value} bits of dynamic range", "better light"),
    "illumination": (
        "the luminances of the two cheeks have {value} in common",
        "light from the front",
    ),
    "natural_color": (
        "the color of the face is {value} away from that of skin",
        "white light, or the right white balance",
    ),
    "inter_eye_distance": (
        "the eyes are {value} pixels apart",
        "come closer, or use a picture of more pixels",
    ),
    "head_size": ("eyes and chin are {value} of the picture's height apart", "come closer"),
    "crop_left": ("the picture ends {value} eye distances left of the eyes", "move to its middle"),
    "crop_right": (
        "the picture ends {value} eye distances right of the eyes",
        "move to its middle",
    ),
    "crop_above": (
        "the picture ends {value} times the way to the chin above the eyes",
        "move to its middle, or step back",
    ),
    "crop_below": (
        "the picture ends {value} times the way to the chin below the eyes",
        "move to its middle, or step back",
    ),
    "yaw": ("the face is turned {value} to the {side}", "look at the camera"),
    "pitch": ("the face is turned {value} {side}", "look at the camera"),
    "roll": ("the head is tilted {value} {side}", "hold it upright"),
    "eyes_open": (
        "the narrower eye is open by {value} of the way to the chin",
        "open the eyes, or lift hair and glasses from them",
    ),
    "mouth_closed": ("the mouth is open by {value} of the way to the chin", "close the mouth"),
    "eyes_visible": ("{value} of the eyes can be seen", "take off dark glasses, lift the hair"),
    "mouth_visible": ("{value} of the mouth can be seen", "take off a mask, lower the hand"),
    "face_visible": ("{value} of the face can be seen", "nothing before the face"),
    "expression": ("the expression is neutral by {value}", "a neutral face"),
    "certainty": ("it is a face with a certainty of {value}", "a whole face, seen from the front"),
}
_SIDES = {
    "yaw": ("left", "right"),
    "pitch": ("down", "up"),
    "roll": ("counterclockwise", "clockwise"),
}
_PERCENT = (
    *("under_exposure", "over_exposure", "illumination", "expression"),
    *("eyes_visible", "mouth_visible", "face_visible"),
)


def sentence(name: str, value: float, limit: float, least: bool) -> str:
    """What is wrong with a face whose measured ``value`` is beyond a ``limit``."""
    what, remedy = _WORDS[name]
    side = _SIDES[name][value > 0] if name in _SIDES else ""
    wrong = what.format(value=_text(name, value), side=side)
    bound = "at least" if least else "at most"
    return f"{wrong}; {bound} {_text(name, limit)} is wanted: {remedy}"


def _text(name: str, value: float) -> str:
    if name in _SIDES:
        return f"{abs(value):.0f}°"
    if name in _PERCENT:
        return f"{100 * value:.0f} %"
    return f"{value:.0f}" if name == "inter_eye_distance" else f"{value:.2g}"
