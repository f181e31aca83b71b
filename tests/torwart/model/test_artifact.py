import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from torwart.features.catalogue import NAMES
from torwart.model.artifact import (
    EVENTS,
    MANIFEST,
    PIPELINE,
    TEXT,
    WITNESS,
    Model,
    load,
    load_witness,
    save,
    verify,
)
from torwart.model.error import ModelError
from torwart.model.packing import pack_arrays, unpack_arrays
from torwart.text.classifier import TextClassifier


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    save(folder, model, card="# A model\n", pipeline=b"\x80\x04not a pickle that anybody opens")
    return folder


@pytest.fixture
def folder(tmp_path: Path, saved: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "model"))


def rewritten(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def replaced(folder: Path, name: str, data: bytes) -> None:
    """Another file under this name, listed with its right checksum: only its content can give it away."""
    (folder / name).write_bytes(data)
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    rewritten(folder, lambda manifest: manifest["files"].update({name: entry}))


def test_loads_what_was_saved(folder: Path, model: Model) -> None:
    loaded = load(folder)
    rows = np.random.default_rng(0).normal(size=(20, len(NAMES)))
    assert (loaded.unwanted.predict(rows) == model.unwanted.predict(rows)).all()
    assert (loaded.fraud.predict(rows) == model.fraud.predict(rows)).all()
    texts = ["Your parcel arrives today", "win now"]
    assert (loaded.text.predict_proba(texts) == model.text.predict_proba(texts)).all()
    assert loaded.manifest == verify(folder)
    assert loaded.manifest.created_at == model.manifest.created_at
    assert set(loaded.manifest.files) == {TEXT, EVENTS, PIPELINE, "README.md"}


def test_a_model_can_be_saved_again(folder: Path, tmp_path: Path) -> None:
    again = save(tmp_path / "again", load(folder), card="# A model\n")
    assert again.files[EVENTS] == verify(folder).files[EVENTS]
    assert PIPELINE not in again.files
    assert load(tmp_path / "again").manifest == again


def test_the_pipeline_is_hashed_but_needs_not_be_there_to_be_read(tmp_path: Path, model: Model) -> None:
    save(tmp_path / "model", model, card="")
    assert load(tmp_path / "model").manifest.name == "torwart"


def test_a_witness_reads_the_texts_in_place_of_the_shipped_classifier(tmp_path: Path, model: Model) -> None:
    witness = TextClassifier.from_arrays(model.text.arrays() | {"bias": np.array([9.0, 0.0, 0.0, 0.0])})
    save(tmp_path / "model", model, card="", witness=witness)
    assert WITNESS in verify(tmp_path / "model").files
    shipped, guarding = load(tmp_path / "model"), load_witness(tmp_path / "model")
    assert (shipped.text.predict_proba(["win now"]) == model.text.predict_proba(["win now"])).all()
    assert (guarding.text.predict_proba(["win now"]) == witness.predict_proba(["win now"])).all()
    assert (guarding.text.predict_proba(["win now"]) != shipped.text.predict_proba(["win now"])).any()
    rows = np.random.default_rng(0).normal(size=(20, len(NAMES)))
    assert (guarding.unwanted.predict(rows) == model.unwanted.predict(rows)).all()


def test_a_model_without_a_witness_says_so(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"has no witness\.npz: train it again"):
        load_witness(folder)


def test_never_writes_over_anything(folder: Path, tmp_path: Path, model: Model) -> None:
    with pytest.raises(ModelError, match="never written over another"):
        save(folder, model, card="")
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="not an empty folder"):
        save(tmp_path / "file", model, card="")
    (tmp_path / "empty").mkdir()
    save(tmp_path / "empty", model, card="")
    assert load(tmp_path / "empty")


def test_a_failed_save_leaves_nothing_behind(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(tmp_path / "model", model, card="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [TEXT, EVENTS, PIPELINE, "README.md"])
def test_a_changed_byte_is_found_in_every_file(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    for reader in (load, verify):
        with pytest.raises(ModelError, match=rf"{name} does not have the checksum"):
            reader(folder)


@pytest.mark.parametrize("name", [TEXT, EVENTS, PIPELINE, "README.md"])
def test_a_cut_or_missing_file_is_found(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"bytes, manifest.json says"):
        load(folder)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing"):
        load(folder)


def test_a_folder_that_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"has no manifest\.json"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "says format None"),
        (b'{"format": 2}', "says format 2; this Torwart reads model folders of format 1"),
        (b'{"format": 1}', "missing required field"),
        (b'{"format": 1, "name": 5}', "Expected `str`, got `int` - at `$.name`"),
    ],
)
def test_a_manifest_that_is_none(folder: Path, content: bytes, complaint: str) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load(folder)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", ".hidden", "a\\b", "", "a\x00b", "x" * 101, "ü"])
def test_a_manifest_cannot_point_elsewhere(folder: Path, name: str) -> None:
    rewritten(folder, lambda manifest: manifest["files"].update({name: manifest["files"][TEXT]}))
    with pytest.raises(ModelError, match="have plain names"):
        load(folder)


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / TEXT).rename(tmp_path / "elsewhere")
    (folder / TEXT).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="not a plain file"):
        load(folder)


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / TEXT).unlink()
    os.mkfifo(folder / TEXT)
    with pytest.raises(ModelError, match="not a plain file"):
        load(folder)


def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "champion").symlink_to(folder)
    assert load(tmp_path / "champion").manifest.version == "7"


def test_a_file_that_the_manifest_does_not_list_is_foreign(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"")
    assert load(folder)
    (folder / "more.npz").write_bytes(b"")
    with pytest.raises(ModelError, match=r"more\.npz is not listed"):
        load(folder)


@pytest.mark.parametrize("name", [TEXT, EVENTS])
def test_arrays_must_be_listed(folder: Path, name: str) -> None:
    rewritten(folder, lambda manifest: manifest["files"].pop(name))
    with pytest.raises(ModelError, match=f"does not list {name}"):
        load(folder)


def test_a_model_of_other_features_says_which_torwart_made_it(folder: Path) -> None:
    rewritten(folder, lambda manifest: manifest.update(catalogue_hash="0" * 64, torwart="9.9.9"))
    with pytest.raises(ModelError, match=r"made by Torwart 9\.9\.9 for other features \(catalogue 000000000000"):
        load(folder)


def test_a_model_of_other_classes_is_refused(folder: Path) -> None:
    rewritten(folder, lambda manifest: manifest.update(classes=["ham", "spam"]))
    with pytest.raises(ModelError, match="tells the classes ham, spam apart"):
        load(folder)


@pytest.mark.parametrize("name", [TEXT, EVENTS])
def test_a_file_with_the_right_checksum_may_still_be_wrong(folder: Path, name: str) -> None:
    replaced(folder, name, (folder / name).read_bytes()[:-30])
    with pytest.raises(ModelError, match=rf"{name} cannot be read as part of a model: it is not a whole archive"):
        load(folder)


def spoiled(folder: Path, name: str, key: str, change: Callable[[Any], Any]) -> None:
    arrays = unpack_arrays((folder / name).read_bytes())
    arrays[key] = change(arrays[key].copy())
    replaced(folder, name, pack_arrays(arrays))


def with_first(value: float) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array.flat[0] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "key", "change"),
    [
        (TEXT, "bias", with_first(np.nan)),
        (TEXT, "scale", with_first(0.0)),
        (TEXT, "weights", lambda array: array[:-1]),
        (TEXT, "scheme", lambda array: array + 1),
        (EVENTS, "unwanted.value", with_first(np.nan)),
        (EVENTS, "unwanted.left", with_first(0)),
        (EVENTS, "fraud.feature", with_first(30_000)),
        (EVENTS, "fraud.slope", with_first(-1.0)),
        (EVENTS, "fraud.n_features", lambda array: array + 1),
    ],
)
def test_senseless_arrays_are_refused(folder: Path, name: str, key: str, change: Callable[[Any], Any]) -> None:
    spoiled(folder, name, key, change)
    assert verify(folder)
    with pytest.raises(ModelError, match=f"{name} cannot be read as part of a model"):
        load(folder)


def test_a_size_beyond_the_cap_is_refused_before_reading(folder: Path) -> None:
    with (folder / TEXT).open("r+b") as stream:
        stream.truncate((256 << 20) + 1)
    with pytest.raises(ModelError, match="at most 268435456 are read"):
        load(folder)


def test_the_manifest_is_readable_json(folder: Path) -> None:
    manifest = msgspec.json.decode((folder / MANIFEST).read_bytes())
    assert manifest["classes"] == ["wanted", "promo", "spam", "fraud"]
    assert b"\n  " in (folder / MANIFEST).read_bytes()
