"""The manifest of a model: what it is, where it comes from, and the checksum of every file beside it."""

import re
from datetime import datetime
from importlib import metadata
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from torwart.features.catalogue import catalogue_hash
from torwart.model.error import ModelError
from torwart.text.classifier import CLASSES

FORMAT: Final = 1
"""Raised when the folder's layout changes in a way that an older Torwart would misread."""

_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""A model's files lie side by side: no name leads anywhere else, on any system."""

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class FileEntry(Struct, frozen=True):
    """What a file must be to be read: its SHA-256 (hex) and its size."""

    sha256: Sha256
    bytes: Annotated[int, Meta(ge=0)]


class Training(Struct, frozen=True, kw_only=True):
    """How to make this model again: commands in order, the data's SHA-256 by name, and what ran them."""

    commands: tuple[str, ...]
    data: dict[str, str]
    rows: int
    seed: int
    packages: dict[str, str]


class Manifest(Struct, frozen=True, kw_only=True):
    """What ``manifest.json`` says. ``catalogue_hash`` fingerprints the features that the trees were fitted on,
    ``torwart`` is the version that made the model, ``files`` are all files beside the manifest."""

    format: int
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    version: Annotated[str, Meta(min_length=1, max_length=100)]
    created_at: Annotated[datetime, Meta(tz=True)]
    torwart: str
    catalogue_hash: str
    classes: tuple[str, ...]
    thresholds: dict[str, float]
    training: Training
    metrics: dict[str, Any]
    files: dict[str, FileEntry] = {}


def new_manifest(
    *,
    name: str,
    version: str,
    created_at: datetime,
    thresholds: dict[str, float],
    training: Training,
    metrics: dict[str, Any],
) -> Manifest:
    """The manifest of a model that this Torwart made. Its files are filled in when it is saved."""
    return Manifest(
        format=FORMAT,
        name=name,
        version=version,
        created_at=created_at,
        torwart=metadata.version("torwart"),
        catalogue_hash=catalogue_hash(),
        classes=CLASSES,
        thresholds=thresholds,
        training=training,
        metrics=metrics,
    )


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(data: bytes, where: str) -> Manifest:
    """Read ``manifest.json``; ``where`` names it in a complaint. Raises :class:`ModelError`.

    A manifest of a later format is refused before its fields are: they may have changed.
    """
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ModelError(f"{where} is not JSON: {error}.") from error
    layout = found.get("format") if isinstance(found, dict) else None
    if layout != FORMAT:
        raise ModelError(f"{where} says format {layout!r}; this Torwart reads model folders of format {FORMAT}.")
    try:
        manifest = msgspec.convert(found, Manifest)
    except msgspec.ValidationError as error:
        raise ModelError(f"{where} is not the manifest of a model: {error}.") from error
    for name in manifest.files:
        if not _FILE_NAME.fullmatch(name):
            raise ModelError(
                f"{where} lists a file named {name!r}; a model's files lie beside it and have plain names."
            )
    return manifest


def check_compatible(manifest: Manifest, where: str) -> None:
    """Raises :class:`ModelError` unless the model was fitted on the features and classes that this Torwart has."""
    own = catalogue_hash()
    if manifest.catalogue_hash != own:
        raise ModelError(
            f"The model in {where} was made by Torwart {manifest.torwart} for other features (catalogue "
            f"{manifest.catalogue_hash[:12]}, here {own[:12]}): train it again, or use that Torwart."
        )
    if manifest.classes != CLASSES:
        raise ModelError(
            f"The model in {where} tells the classes {', '.join(manifest.classes)} apart, not {', '.join(CLASSES)}."
        )
