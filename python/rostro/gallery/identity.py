"""Which embedder made the templates of a gallery."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rostro.errors import ModelError

if TYPE_CHECKING:
    from rostro.embed.embedder import Embedder
    from rostro.landmarks.landmarker import Landmarker
    from rostro.models.model import Model

__all__ = ["MAX_DIM", "EmbedderIdentity", "Header"]

MAX_DIM = 65536


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What must be equal for embeddings to be comparable.

    Attributes:
        name: of the model.
        version: digest of the weights as they were published and of the card's settings for input
            and output. The engine that runs them makes no difference.
        template: the alignment template.
        refine: name and version of the landmark network by whose points faces were aligned; empty
            where it was by those of a detector.
    """

    name: str
    version: str
    template: str
    refine: str = ""

    @classmethod
    def of(cls, embedder: Embedder) -> EmbedderIdentity:
        """The identity of an embedder; reads its weights where the card gives no hash."""
        model, card = embedder.model, embedder.model.card
        if card is None or card.embed is None:
            raise ModelError(f"{model.name}: no card says how it embeds faces")
        version = _version(model, card.embed.dim, card.embed.template)
        return cls(model.name, version, embedder.template, _refine(embedder.refine))

    @classmethod
    def decode(cls, fields: Any) -> EmbedderIdentity:
        """Of a JSON object; ValueError if it is something else."""
        known = {"name", "version", "template"}
        if not isinstance(fields, dict) or fields.keys() - {"refine"} != known:
            raise ValueError("an embedder without name, version and template")
        if not all(isinstance(value, str) for value in fields.values()):
            raise ValueError("an embedder whose name, version, template or refine is no text")
        return cls(**fields)

    def encode(self) -> dict[str, str]:
        """For JSON. Without ``refine`` it is as it was before there was such a thing."""
        return {name: value for name, value in asdict(self).items() if name != "refine" or value}

    def __str__(self) -> str:
        refined = f", aligned by {self.refine}" if self.refine else ""
        return f"{self.name} (version {self.version}, template {self.template}{refined})"


def _version(model: Model, *settings: object) -> str:
    """A digest of the weights, of the input and of these settings."""
    from rostro.support.files import sha256_of

    card = model.card
    if card is None:
        raise ModelError(f"{model.name}: no card says what it is")
    weights = [file.digest or sha256_of(model.folder / file.name) for file in card.files]
    # Spelt out: a field that cards gain later must not change the version of those there are.
    taken = (card.input.channels, card.input.mean, card.input.std, card.input.size)
    return hashlib.sha256(repr((sorted(weights), taken, *settings)).encode()).hexdigest()[:16]


def _refine(landmarker: Landmarker | None) -> str:
    if landmarker is None:
        return ""
    model = landmarker.model
    crop = model.card and model.card.crop
    taken = crop and (crop.around, crop.shape, crop.scale, crop.upright, crop.shift)
    return f"{model.name} (version {_version(model, taken)})"


@dataclass(frozen=True, slots=True)
class Header:
    """What a gallery says of itself.

    Attributes:
        dim: length of its embeddings.
        embedders: those that made them, and those declared compatible; none if it was never told.
    """

    dim: int
    embedders: tuple[EmbedderIdentity, ...] = ()

    def with_embedders(self, embedders: Sequence[EmbedderIdentity]) -> Header:
        """The header that names these too."""
        known = self.embedders
        return Header(self.dim, known + tuple(each for each in embedders if each not in known))

    def encode(self) -> bytes:
        return json.dumps(
            {"dim": self.dim, "embedders": [each.encode() for each in self.embedders]}
        ).encode()

    @classmethod
    def decode(cls, data: bytes) -> Header:
        """The header that was encoded; ValueError if it is something else."""
        try:
            fields = json.loads(data)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if not isinstance(fields, dict) or fields.keys() != {"dim", "embedders"}:
            raise ValueError("no header")
        dim, embedders = fields["dim"], fields["embedders"]
        if type(dim) is not int or not 1 <= dim <= MAX_DIM or not isinstance(embedders, list):
            raise ValueError("no length of embeddings, or no list of embedders")
        return cls(dim, tuple(map(EmbedderIdentity.decode, embedders)))
