import tomllib
from pathlib import Path

import numpy as np
import pytest

from torwart.text.classifier import TextClassifier
from torwart.text.ngrams import N_COLUMNS
from training.corpora import (
    ABOUT,
    PERSONAL_SHARE,
    SHARE,
    CorpusError,
    corpora_samples,
    evaluate_corpora,
    read_corpora,
)
from training.report import corpora_report

HEADER = "text,label,label_raw,lang,source,sender,ts\n"


def classifier(*, flags: bool) -> TextClassifier:
    """One that calls every text fraud, or none."""
    bias = np.array([0.0, 0.0, 0.0, 9.0 if flags else -9.0])
    return TextClassifier(np.zeros((N_COLUMNS, 4), dtype=np.int8), 1.0, bias, 0.9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ph_sms.csv").write_text(
        HEADER + 'Your code is 123,ham,,en,,,\nYour code is 123,ham,,en,,,\n"Sale, today",promo,,en,,,\n'
        "Who are you?,unlabelled,,en,,,\n,ham,,en,,,\nPay the fee,smishing,,de,,,\nBuy now,spam,,de,,,\n",
        "utf-8-sig",
    )
    (tmp_path / "uci_sms.csv").write_text("text,label\nSee you at noon,ham\n", "utf-8")
    (tmp_path / "turkish_sms.csv").write_text(HEADER + "Indirim,spam,,tr,,,\n", "utf-8")
    (tmp_path / "README.md").write_text("not a corpus")
    return tmp_path


def test_reads_distinct_labelled_texts(folder: Path) -> None:
    ph, turkish, uci = read_corpora(folder)
    assert ph.texts == ("Your code is 123", "Sale, today", "Pay the fee", "Buy now")
    assert ph.labels == ("wanted", "promo", "fraud", "spam")
    assert ph.languages == ("en", "en", "de", "de")
    assert (ph.about.personal, uci.about.personal) == (False, True)
    assert turkish.labels == ("promo",), "brands' marketing is not spam, whatever its corpus calls it"


def test_corpora_to_train_on_have_groups_domains_and_weights(folder: Path) -> None:
    (folder / "own.csv").write_text(
        "text,label\nYour code is 456,ham\nYour code is 7,smishing\nHello you,ham\n", "utf-8"
    )
    samples = corpora_samples(read_corpora(folder))
    found = {text: place for place, text in enumerate(samples.texts)}
    # "Your code is 123" stands for its near-duplicate in another corpus, but not for one with another label.
    assert sum(text.startswith("Your code") for text in samples.texts) == 2
    code, fraud = (found[text] for text in samples.texts if text.startswith("Your code"))
    assert samples.groups[code] == samples.groups[fraud]
    assert samples.domains[found["See you at noon"]] == ""
    assert samples.domains[found["Pay the fee"]] == "ph_sms de"
    labels = np.array(samples.labels)
    for label in ("wanted", "promo", "spam", "fraud"):
        assert samples.weights[labels == label].sum() == pytest.approx(SHARE)
    chat, business = samples.weights[found["See you at noon"]], samples.weights[found["Hello you"]]
    assert chat == pytest.approx(PERSONAL_SHARE * 2**0.5 * business), "its corpus has one text, the other two"


def test_what_is_known_about_public_corpora_is_whole() -> None:
    known = tomllib.loads(ABOUT.read_text(encoding="utf-8"))
    assert all(about["title"] and about["licence"] for about in known.values())


@pytest.mark.parametrize("flags", [False, True])
def test_private_chat_is_kept_apart(folder: Path, flags: bool) -> None:
    report = evaluate_corpora(classifier(flags=flags), read_corpora(folder))
    assert (report.business.wanted.n, report.personal.wanted.n) == (1, 1)
    assert report.business.wanted.events == report.business.fraud.events == int(flags)
    assert [one.name for one in report.by_corpus] == ["ph_sms", "turkish_sms", "uci_sms"]
    by_language = {one.name: one for one in report.by_language}
    assert by_language["en"].wanted.n == 1
    assert by_language["de"].fraud.n == 1
    text = corpora_report(report)
    assert text.index("business messages") < text.index("By corpus")
    assert "uci_sms (private chat)" in text


def test_a_folder_without_corpora_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no CSV file"):
        read_corpora(tmp_path)
    with pytest.raises(CorpusError, match="no folder"):
        read_corpora(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"words\nhello\n", "no column text"), (b"text,label\n\xff\xfe,ham\n", "UTF-8"), (b"", "no column text")],
)
def test_a_file_that_is_no_corpus_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "some.csv").write_bytes(content)
    with pytest.raises(CorpusError, match=complaint):
        read_corpora(tmp_path)
