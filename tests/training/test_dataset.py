import shutil
from pathlib import Path

import numpy as np
import pytest

from torwart import Detector
from torwart.entities import Case, Message, Sender, VerificationStatus
from torwart.events import Body, Labelled, MessageScored, Reported, SenderChanged, decode_body
from torwart.features.catalogue import POSITION
from torwart.features.records import record_of
from torwart.features.rows import unpack
from torwart.features.state import FoldState
from torwart.features.vector import vector
from torwart.text.classifier import TextClassifier
from training.dataset import LabelError, fingerprint, read_dataset
from training.log import LogError, LogWriter, read_log
from training.truth import read_truth

NOON = 1_767_614_400_000_000
MINUTE = 60_000_000
SENDER = Sender(id="biz", verification_status=VerificationStatus.PENDING)


@pytest.fixture(scope="module")
def text(model_folder: Path) -> TextClassifier:
    return Detector.load(model_folder).text


def message(number: int, *, withheld: bool = False) -> MessageScored:
    content = Message(type="text", body="" if withheld else f"Offer {number}", text_withheld=withheld)
    return MessageScored(
        Case(message_id=f"m{number}", sent_at_us=NOON, sender=SENDER, recipient_id=f"r{number}", message=content)
    )


def written(folder: Path, bodies: list[Body]) -> Path:
    with LogWriter(folder) as log:
        for seq, body in enumerate(bodies, 1):
            at = NOON + seq * MINUTE
            log.append(record_of(body, seq=seq, received_at_us=at, at_us=at))
    return folder


def test_equals_what_the_server_computes(log_folder: Path, model_folder: Path) -> None:
    """Every column of every row, against one event at a time through the detector."""
    detector = Detector.load(model_folder)
    data = read_dataset(log_folder, detector.text)
    state = FoldState()
    expected = []
    for record in read_log(log_folder):
        row = unpack(record.fold)
        body = decode_body(record.body)
        if isinstance(body, MessageScored):
            prepared = detector.prepare(body.case, record.received_at_us)
            assert prepared.campaigns == tuple(int(key) for key in row["campaigns"][0])
            expected.append(vector(prepared, state.read(row, prepared.last_user_message_us)))
        state.advance(row)
    np.testing.assert_array_equal(data.rows.matrix, np.array(expected))


def test_labels_are_the_truth_in_the_order_of_the_log(log_folder: Path, text: TextClassifier) -> None:
    data = read_dataset(log_folder, text)
    truth = read_truth(log_folder)
    assert data.simulated
    assert data.about["message_id"].tolist() == truth["message_id"].tolist()
    np.testing.assert_array_equal(data.unwanted, truth["label"] != "wanted")
    np.testing.assert_array_equal(data.fraud, truth["label"] == "fraud")
    assert (np.diff(data.received_at_us) >= 0).all()


def test_a_message_is_not_told_its_own_fate(tmp_path: Path, text: TextClassifier) -> None:
    bodies: list[Body] = [SenderChanged(SENDER), message(1), message(2), Reported("biz", "r1", "m1"), message(3)]
    labels: list[Body] = [Labelled(f"m{number}", "unsolicited", "moderator") for number in (1, 2, 3)]
    data = read_dataset(written(tmp_path / "log", bodies + labels), text)
    assert not data.simulated
    column = data.rows.matrix[:, POSITION["reporters_24h"]]
    np.testing.assert_allclose(column, [0.0, 0.0, np.log1p(1)])
    np.testing.assert_allclose(data.rows.matrix[:, POSITION["delivered_1h"]], np.log1p([0, 1, 2]))


def test_only_labelled_messages_are_kept_and_the_last_label_counts(tmp_path: Path, text: TextClassifier) -> None:
    labels: list[Body] = [
        Labelled("m2", "fraud", "moderator"),
        Labelled("m1", "fraud", "moderator"),
        Labelled("m2", "wanted", "appeal"),
    ]
    data = read_dataset(written(tmp_path / "log", [message(1), message(2), message(3), *labels]), text)
    assert data.about["message_id"].tolist() == ["m1", "m2"]
    assert data.fraud.tolist() == [True, False]
    assert data.about["verification"].tolist() == ["pending", "pending"]


def test_withheld_texts_have_no_evidence(tmp_path: Path, text: TextClassifier) -> None:
    labels: list[Body] = [Labelled("m1", "wanted", "audit"), Labelled("m2", "wanted", "audit")]
    data = read_dataset(written(tmp_path / "log", [message(1, withheld=True), message(2), *labels]), text)
    assert data.rows.matrix[:, POSITION["content_missing"]].tolist() == [1.0, 0.0]


def test_a_long_log_is_sampled_evenly_and_the_folds_still_see_everything(
    log_folder: Path, text: TextClassifier
) -> None:
    every = read_dataset(log_folder, text)
    some = read_dataset(log_folder, text, max_rows=len(every) // 4)
    assert 0.2 < len(some) / len(every) < 0.3
    chosen = every.about["message_id"].isin(some.about["message_id"]).to_numpy()
    np.testing.assert_array_equal(some.rows.matrix, every.rows.matrix[chosen])


def test_a_log_without_labels_is_refused(tmp_path: Path, text: TextClassifier) -> None:
    with pytest.raises(LabelError, match="no label event"):
        read_dataset(written(tmp_path / "log", [message(1)]), text)


def test_an_unknown_label_is_refused(tmp_path: Path, text: TextClassifier) -> None:
    with pytest.raises(LabelError, match="'spam'"):
        read_dataset(written(tmp_path / "log", [message(1), Labelled("m1", "spam", "moderator")]), text)


def test_a_label_for_a_message_that_is_not_there_is_refused(tmp_path: Path, text: TextClassifier) -> None:
    with pytest.raises(LabelError, match="labels 1 messages"):
        read_dataset(written(tmp_path / "log", [message(1), Labelled("gone", "fraud", "moderator")]), text)


def test_no_log_is_refused(tmp_path: Path, text: TextClassifier) -> None:
    with pytest.raises(LogError):
        read_dataset(tmp_path / "nothing", text)


def test_the_fingerprint_follows_the_data_not_the_place(log_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(log_folder, copy)
    (copy / "notes.md").write_text("mine")
    assert fingerprint(copy) == fingerprint(log_folder)
    (copy / "truth.parquet").write_bytes(b"other")
    assert fingerprint(copy) != fingerprint(log_folder)
