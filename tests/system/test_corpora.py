"""The shipped text classifier on real messages, where a folder of corpora is named."""

import os
from pathlib import Path

import pytest

from torwart import Detector
from training.corpora import evaluate_corpora, read_corpora

CORPORA = os.environ.get("TORWART_CORPORA")


@pytest.mark.skipif(not CORPORA, reason="TORWART_CORPORA names no folder of labelled messages")
def test_real_business_messages_are_left_alone() -> None:
    report = evaluate_corpora(Detector.load("models/champion").text, read_corpora(Path(str(CORPORA))))
    wanted = report.business.wanted
    assert wanted.n > 1_000
    assert wanted.high <= 0.01, "at most 1 % of real, wanted business messages are flagged, by the interval's upper end"
