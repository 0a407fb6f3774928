"""How good faces are, measured without a network."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro import _core, models
from rostro.attributes.explain import sentence
from rostro.attributes.quality_network import NetworkQuality
from rostro.attributes.reasons import Reason
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.models.card_quality import NormQuality
from rostro.support.arguments import check_integer, check_mapping, check_number, check_text, shown
from rostro.types import ImageLike

__all__ = ["MEASURED", "RULES", "Quality", "Rule"]

MEASURED = "quality.measured"
"""The attribute of the measured values, (N, K) float32, in the order of `RULES`."""


class Rule(NamedTuple):
    """What is measured, and which values are too bad: a line of the core's table.

    Attributes:
        name: of the measure; its component is the attribute ``"quality.NAME"``.
        component: the name of ISO/IEC 29794-5:2025, ``""`` where it has none.
        unit: of the measured value and its limits.
        least: whether a limit is the least value that is good, or the most.
        reason: the bit of a face beyond the limit.
        enroll, recognize: the limit for each purpose; ``None`` where it is not judged.
    """

    name: str
    component: str
    unit: str
    least: bool
    reason: Reason
    enroll: float | None
    recognize: float | None


def _rule(
    name: str,
    component: str,
    unit: str,
    least: bool,
    reason: int,
    enroll: float,
    recognize: float,
) -> Rule:
    def limit(value: float) -> float | None:
        return None if math.isnan(value) else float(f"{value:.6g}")  # 0.4, not float32's 0.4000...

    return Rule(name, component, unit, least, Reason(reason), limit(enroll), limit(recognize))


# Declared in cpp/src/attributes/quality_rules.cpp.
RULES = tuple(_rule(*facts) for facts in _core.quality_rules())
"""All measures, with the limits of `Quality`."""

# The columns.
_MEASURED = f"attributes.{MEASURED}"
_COMPONENTS = [f"attributes.quality.{rule.name}" for rule in RULES]


class Quality:
    """Says how good faces are for recognition, and what is wrong with them. A stage of a pipeline.

    No network is run: pixels are measured in a crop of 112 pixels, aligned by the landmarks (over
    the box, where there are none), and the rest by what the table has. Best after a `Landmarker`
    with a mesh, whose points tell of eyes and mouth, and a `HeadPose`. ``docs/guide/quality.md``
    has every formula with its source.

    Any number of threads may call one at once. It is pickled as what it was made from.

    Args:
        name_or_path: ``None``; or a model that tells quality, as
            `rostro.attributes.quality_network.NetworkQuality` has it: it alone says the
            ``quality`` then, and the rest of the table stays as it is.
        purpose: ``"recognize"`` or ``"enroll"``, which wants more of a face: whose limits of
            `RULES` make a reason.
        thresholds: limits of one's own by name, in the unit of the measure: ``{"yaw": 30.0}``;
            ``None`` for one that is not to be judged.
        norms_of: the embedder that is placed before this stage: the ``quality`` is then also of the
            table's ``norms``, in the range of its card's ``[quality]`` of the kind ``"norm"``; the
            network is not loaded here. ``None``: of what is measured alone.
        engine, threads: of the network; see `rostro.Detector`.

    Attributes:
        network: the ``NetworkQuality``; ``None`` without a name.
        purpose: as above.
        limits: of each measure by name; ``None`` where it is not judged.
        attribute_names: what the numbers of the attribute ``"quality.measured"`` are.

    Raises:
        ArgumentError, ArgumentTypeError: no such purpose or measure, or no such limit; or one of
            them beside a model.
        Others as ``NetworkQuality``.
    """

    def __init__(
        self,
        name_or_path: str | Path | None = None,
        *,
        purpose: str = "recognize",
        thresholds: Mapping[str, float | None] | None = None,
        norms_of: str | Path | None = None,
        engine: str = "auto",
        threads: int | None = None,
    ) -> None:
        if check_text("purpose", purpose) not in ("recognize", "enroll"):
            raise ArgumentError(f'purpose: got {shown(purpose)}; "recognize" or "enroll" is wanted')
        own = _thresholds(thresholds)
        self._recipe: Callable[[], Quality] = functools.partial(
            type(self),
            name_or_path,
            purpose=purpose,
            thresholds=own,
            norms_of=norms_of,
            engine=engine,
            threads=threads,
        )
        self.network: NetworkQuality | None = None
        if name_or_path is not None:
            if own or purpose != "recognize" or norms_of is not None:
                raise ArgumentError(
                    f"thresholds, purpose, norms_of: got one beside {str(name_or_path)!r}; "
                    "none is wanted, a network tells no reasons"
                )
            self.network = NetworkQuality(name_or_path, engine=engine, threads=threads)
        self.purpose = purpose
        self.limits = {
            rule.name: rule.enroll if purpose == "enroll" else rule.recognize for rule in RULES
        } | own
        self.attribute_names = {MEASURED: tuple(rule.name for rule in RULES)}
        numbers = [math.nan if limit is None else limit for limit in self.limits.values()]
        norms = None if norms_of is None else _range_of_norms(norms_of)
        self._needs_norms = norms is not None
        self._task = _core.QualityTask(np.array(numbers, np.float32), norms)

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with their ``quality``, (N,) float32 in 0..1, and ``reasons``, (N,) uint32.

        Each measure also gives an attribute, (N,) float32 in 0..100, the better the higher:
        ``"quality.sharpness"`` and so on, as `RULES` names them; NaN where the image and the table
        do not tell. ``"quality.measured"`` has the values, (N, K) float32, that they are made of. A
        face of which it is not said where it is, or that lies outside the image, has the quality 0
        and is ``UNCERTAIN``.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image or table; with ``norms_of``, one
                without norms.
        """
        if self.network is not None:
            return self.network(image, faces, color)
        check_text("color", color)
        columns = check_faces("faces", faces).for_core()
        if self._needs_norms and len(faces) and faces.norms is None:
            raise ArgumentError(
                f"faces: got {faces!r} without norms; those of the embedder of norms_of, placed "
                "before this stage, are wanted"
            )
        quality, reasons, measured, components = self._task.measure(
            image, color, _wanted(columns), faces.scheme or ""
        )
        found = {"quality": quality, "reasons": reasons, _MEASURED: measured}
        found |= zip(_COMPONENTS, components, strict=True)
        return faces.of_checked(faces.columns() | found, faces.scheme)

    def explain(self, faces: Faces, index: int) -> list[str]:
        """Why a face is not good enough: a sentence for each limit that it misses.

        Each says what was measured, what is wanted and what would help. None of a good face.

        Args:
            faces: as this stage gave them.
            index: of the face.

        Raises:
            ArgumentError, ArgumentTypeError: faces without what this stage measures, or no such
                index.
        """
        measured = (check_faces("faces", faces).attributes or {}).get(MEASURED)
        if measured is None or measured.shape[1:] != (len(RULES),):
            raise ArgumentError(
                f"faces: got {faces!r} without what is measured; faces that a Quality gave back "
                "are wanted"
            )
        row = measured[check_integer("index", index, 0, len(faces) - 1)].tolist()
        if math.isnan(row[0]):
            return ["no pixels of the face are in the picture; a whole face is wanted"]
        why = []
        for rule, value, limit in zip(RULES, row, self.limits.values(), strict=True):
            # A float32, as the core compares.
            bound = math.nan if limit is None else float(np.float32(limit))
            if (value < bound) if rule.least else (abs(value) > bound):
                why.append(sentence(rule.name, value, bound, rule.least))
        return why

    def __reduce__(self) -> tuple[Callable[[], Quality], tuple[()]]:
        return self._recipe, ()


def _range_of_norms(name_or_path: str | Path) -> tuple[float, float]:
    card = models.resolve(name_or_path).card
    if card is None or not isinstance(card.quality, NormQuality):
        raise ModelError(
            f"{name_or_path}: norms_of: got a model whose card has no [quality] of the kind "
            '"norm"; one that says what its norms mean is wanted'
        )
    return card.quality.range


def _thresholds(given: Mapping[str, float | None] | None) -> dict[str, float | None]:
    names = [rule.name for rule in RULES]
    own: dict[str, float | None] = {}
    for name, value in check_mapping("thresholds", given).items():
        if name not in names:
            raise ArgumentError(
                f"thresholds: got {shown(name)}; one of {', '.join(names)} is wanted"
            )
        limit = None if value is None else check_number(f"thresholds[{name!r}]", value)
        if limit is not None and not math.isfinite(limit):
            raise ArgumentError(
                f"thresholds[{name!r}]: got {limit}; a finite number, or None, is wanted"
            )
        own[name] = limit
    return own


_Named: TypeAlias = tuple[str, str, NDArray[Any]]

# What the core looks at; the rest, such as embeddings, need not be copied for it.
_READ = {"boxes", "scores", "landmarks", "points", "poses", "norms"} | {
    f"attributes.{name}" for name in ("blendshapes", "presence", "certainty", "visible")
}


def _wanted(columns: list[_Named]) -> list[_Named]:
    return [column for column in columns if column[0] in _READ]
