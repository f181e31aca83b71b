"""A model as a folder of files that cannot execute code, each checked before any of them is read.

``manifest.json`` says what the model is and lists every other file with its SHA-256: ``text.npz`` (the text
classifier), ``events.npz`` (the two event classifiers and their calibrators), ``README.md`` (the model card), for
simulations ``witness.npz`` (the text classifier whose evidence the event classifiers learned from, which knows no
texts of simulated worlds) and, for notebooks only, ``pipeline.joblib``, which is hashed like the others and never
opened here.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from torwart.features.catalogue import NAMES
from torwart.model.error import ModelError
from torwart.model.head import Head
from torwart.model.manifest import FileEntry, Manifest, check_compatible, decode_manifest, encode_manifest
from torwart.model.packing import pack_arrays, unpack_arrays
from torwart.text.classifier import TextClassifier

MANIFEST: Final = "manifest.json"
TEXT: Final = "text.npz"
EVENTS: Final = "events.npz"
WITNESS: Final = "witness.npz"
CARD: Final = "README.md"
PIPELINE: Final = "pipeline.joblib"

MAX_MANIFEST: Final = 1 << 20
MAX_ARRAYS: Final = 256 << 20
MAX_FILE: Final = 1 << 30
"""Bytes that the manifest, a file of arrays, and any other file may have."""

_HEADS: Final = ("unwanted", "fraud")
_CHUNK: Final = 1 << 20


class Model(Struct, frozen=True, eq=False):
    """A fitted model: P(unwanted), P(fraud given unwanted), and the text classifier whose evidence both read."""

    manifest: Manifest
    text: TextClassifier
    unwanted: Head
    fraud: Head


def save(
    folder: Path | str,
    model: Model,
    *,
    card: str,
    witness: TextClassifier | None = None,
    pipeline: bytes | None = None,
) -> Manifest:
    """Write a model to ``folder``, which must be empty or absent: either all of it appears there, or nothing.

    ``card`` is the model card in Markdown, ``witness`` is for :func:`load_witness`, ``pipeline`` an optional joblib
    dump for notebooks. Returns the manifest as written. Raises :class:`ModelError` for a folder that holds something
    already.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ModelError(f"{target} exists and is not an empty folder; a model is never written over another.")
    heads = zip(_HEADS, (model.unwanted, model.fraud), strict=True)
    events = {f"{name}.{key}": array for name, head in heads for key, array in head.arrays().items()}
    contents = {TEXT: pack_arrays(model.text.arrays()), EVENTS: pack_arrays(events), CARD: card.encode()}
    if witness is not None:
        contents[WITNESS] = pack_arrays(witness.arrays())
    if pipeline is not None:
        contents[PIPELINE] = pipeline
    files = {
        name: FileEntry(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data)) for name, data in contents.items()
    }
    manifest = msgspec.structs.replace(model.manifest, files=files)
    _write_all(target, contents | {MANIFEST: encode_manifest(manifest)})
    return manifest


def verify(folder: Path | str) -> Manifest:
    """Check a model folder without reading a single array: the manifest, and every file against its checksum.

    Raises :class:`ModelError` with a sentence about the first thing that is wrong.
    """
    manifest, _ = _checked(Path(folder), keep=())
    return manifest


def load(folder: Path | str) -> Model:
    """Read a model from its folder; nothing is opened before everything is checked, and nothing can execute code.

    Raises :class:`ModelError` when the folder is damaged, was not written by :func:`save`, or does not fit this
    Torwart's features.
    """
    return _loaded(Path(folder), TEXT)


def load_witness(folder: Path | str) -> Model:
    """The same model with the texts read by its witness: for simulated worlds, whose texts the shipped classifier has
    learned. Raises :class:`ModelError` as :func:`load` does, and for a model that was saved without a witness."""
    return _loaded(Path(folder), WITNESS)


def _loaded(root: Path, text_file: str) -> Model:
    manifest, contents = _checked(root, keep=(text_file, EVENTS))
    if text_file not in contents:
        raise ModelError(f"The model in {root} has no {text_file}: train it again to simulate worlds with it.")
    try:
        text = TextClassifier.from_arrays(unpack_arrays(contents[text_file]))
    except (ValueError, TypeError) as error:
        raise _unreadable(root / text_file, error) from error
    try:
        events = unpack_arrays(contents[EVENTS])
        heads = []
        for name in _HEADS:
            own = {key.removeprefix(f"{name}."): array for key, array in events.items() if key.startswith(f"{name}.")}
            heads.append(Head.from_arrays(own, n_features=len(NAMES)))
    except (ValueError, TypeError) as error:
        raise _unreadable(root / EVENTS, error) from error
    unwanted, fraud = heads
    return Model(manifest=manifest, text=text, unwanted=unwanted, fraud=fraud)


def _unreadable(path: Path, error: Exception) -> ModelError:
    return ModelError(f"{path} cannot be read as part of a model: {str(error).rstrip('.')}.")


def _checked(folder: Path, keep: tuple[str, ...]) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest, and the contents of the files in ``keep``: the very bytes whose checksum was compared."""
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}; `torwart train` makes one.")
    manifest_path = folder / MANIFEST
    if not manifest_path.is_file():
        raise ModelError(f"The folder {folder} has no {MANIFEST}, so it is not a model.")
    with _opened(manifest_path, MAX_MANIFEST) as stream:
        manifest = decode_manifest(stream.read(), str(manifest_path))
    check_compatible(manifest, str(folder))
    for name in (TEXT, EVENTS):
        if name not in manifest.files:
            raise ModelError(f"{manifest_path} does not list {name}, which every model has.")
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST and path.name not in manifest.files and not path.name.startswith("."):
            raise ModelError(f"{path} is not listed in {MANIFEST}, so it does not belong to the model: remove it.")
    kept = {}
    for name, entry in sorted(manifest.files.items()):
        content = _check_file(folder / name, entry, keep=name in keep)
        if name in keep:
            kept[name] = content
    return manifest, kept


def _check_file(path: Path, entry: FileEntry, *, keep: bool) -> bytes:
    digest = hashlib.sha256()
    parts = []
    size = 0
    with _opened(path, MAX_ARRAYS if keep else MAX_FILE) as stream:
        while part := stream.read(_CHUNK):
            digest.update(part)
            size += len(part)
            if keep:
                parts.append(part)
    if size != entry.bytes:
        raise ModelError(f"{path} has {size} bytes, {MANIFEST} says {entry.bytes}: the file is damaged or not its own.")
    if digest.hexdigest() != entry.sha256:
        raise ModelError(f"{path} does not have the checksum that {MANIFEST} says: the file is damaged or not its own.")
    return b"".join(parts)


def _opened(path: Path, most: int) -> BinaryIO:
    """A plain file of bearable size, open for reading: no link, folder or pipe."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        raise ModelError(f"{path} is missing, though {MANIFEST} lists it.") from None
    if not stat.S_ISREG(found.st_mode):
        raise ModelError(f"{path} is not a plain file; a model's files lie in its folder themselves.")
    if found.st_size > most:
        raise ModelError(f"{path} has {found.st_size} bytes; at most {most} are read.")
    return path.open("rb")


def _write_all(target: Path, contents: dict[str, bytes]) -> None:
    """Write the files to a folder beside ``target``, bring them to the disk, and give the folder its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        for name, data in contents.items():
            with (draft / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
