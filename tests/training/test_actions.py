from pathlib import Path

import pytest

from torwart import Detector
from torwart.detector import circumstances
from torwart.entities import Verdict
from torwart.events import MessageScored, decode_body
from torwart.features.catalogue import N_OWN
from training.actions import circumstances as circumstances_of
from training.dataset import read_dataset
from training.log import read_log


def test_the_policy_is_asked_what_the_detector_asks_it(model_folder: Path, log_folder: Path) -> None:
    detector = Detector.load(model_folder)
    model = detector.model
    data = read_dataset(log_folder, detector.text)
    score, given = (head.predict(data.rows.matrix) for head in (model.unwanted, model.fraud))
    found = circumstances_of(score, given, data.rows.matrix)
    cases = [
        body.case for record in read_log(log_folder) if isinstance(body := decode_body(record.body), MessageScored)
    ]
    for place, (case, ours) in enumerate(zip(cases, found, strict=True)):
        if place % 7:
            continue
        prepared = detector.prepare(case, int(data.received_at_us[place]))
        folded = data.rows.matrix[place, N_OWN:]
        theirs = circumstances(case, prepared, folded, Verdict(score[place], given[place]))
        close = {"promotional": 0.0, "fraudulent": 0.0, "now_us": 0}
        assert ours._replace(**close) == theirs._replace(**close)
        assert ours.fraudulent == pytest.approx(theirs.fraudulent)
        assert ours.promotional == pytest.approx(theirs.promotional)
