import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from torwart import Detector
from torwart.detector import COLUMNS
from torwart.entities import Case, Consent, ConsentState, Context, Message, Sender, VerificationStatus
from torwart.events import Blocked, MessageScored, PreferenceChanged, Reported
from torwart.features.records import record_of
from torwart.features.rows import unpack
from torwart.features.state import FoldState
from torwart.model.artifact import Model, save
from torwart.model.error import ModelError
from torwart.request import RequestError

NOW = 1_795_341_600_000_000
PHISHING = "Your parcel is held back. Pay the fee at https://dhl-parcel-fee.top/pay"


@pytest.fixture
def detector(model: Model) -> Detector:
    return Detector(model)


def case(**changes: Any) -> Case:
    given: dict[str, Any] = {
        "message_id": "m1",
        "sent_at_us": NOW,
        "sender": Sender(id="s", verification_status=VerificationStatus.VERIFIED),
        "recipient_id": "r",
        "message": Message(type="text", body="Your parcel arrives today"),
        "context": Context(consent=Consent(state=ConsentState.OPTED_IN)),
    }
    return Case(**given | changes)


def request(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "m1",
        "sent_at": "2026-11-22T10:00:00Z",
        "sender": {"id": "s", "verification_status": "verified"},
        "recipient_id": "r",
        "message": {"type": "text", "text": {"body": "Your parcel arrives today"}},
        "context": {"consent": {"state": "opted_in", "source": "messenger"}},
    } | changes


def test_loads_a_folder(model: Model, tmp_path: Path) -> None:
    save(tmp_path / "model", model, card="")
    detector = Detector.load(tmp_path / "model")
    assert (detector.name, detector.version) == ("torwart", "7")
    assert detector.manifest.name == "torwart"
    assert detector.text.classes == ("wanted", "promo", "spam", "fraud")
    assert detector.text.predict_proba(["a", "b"]).shape == (2, 4)
    with pytest.raises(ModelError):
        Detector.load(tmp_path / "nowhere")


def test_judges_as_the_model_was_written(detector: Detector) -> None:
    verdict = detector.judge(detector.prepare(case(), NOW), None)
    # baseline, verified, consent, no imitation, no reports known (missing goes right), no history
    log_odds = -2.0 - 1.0 - 0.8 - 0.3 + 2.0 + 0.1
    assert verdict.score == pytest.approx(1.0 / (1.0 + np.exp(-(1.5 * log_odds - 0.2))))
    assert verdict.fraud_given_unwanted == pytest.approx(1.0 / (1.0 + np.exp(-(0.8 * -2.0 + 0.1))))


def test_reasons_are_the_scores_own(detector: Detector) -> None:
    prepared = detector.prepare(case(), NOW)
    with_reasons = detector.judge(prepared, None)
    without = detector.judge(prepared, None, with_reasons=False)
    assert without.reasons == ()
    assert (without.score, without.fraud_given_unwanted) == (with_reasons.score, with_reasons.fraud_given_unwanted)
    by_code = {reason.code: reason.contribution for reason in with_reasons.reasons}
    assert by_code["sender_verified"] == pytest.approx(1.5 * -1.0)
    assert by_code["consent_claimed"] == pytest.approx(1.5 * -0.8)


def test_a_withheld_text_is_not_read(detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("the text was read")

    withheld = case(message=Message(type="text", text_withheld=True))
    monkeypatch.setattr(type(detector.text), "evidence", read)
    assert 0.0 < detector.judge(detector.prepare(withheld, NOW), None).score < 1.0
    with pytest.raises(AssertionError):
        detector.prepare(case(), NOW)


def test_scores_a_frame_of_requests(detector: Detector) -> None:
    unverified = request(sender={"id": "t"}, message={"type": "text", "text": {"body": PHISHING}})
    frame = pd.json_normalize([request(), unverified])
    frame.index = pd.Index(["good", "bad"])
    scored = detector.score(frame)
    assert tuple(scored.columns) == COLUMNS
    assert list(scored.index) == ["good", "bad"]
    assert scored["score"]["good"] < scored["score"]["bad"]
    assert (scored[["wanted", "unsolicited", "fraud"]].sum(axis=1) - 1.0).abs().max() < 1e-12
    assert ((1.0 - scored["wanted"]) - scored["score"]).abs().max() < 1e-12
    assert scored["action"]["good"] == "allow"
    assert scored["error"].isna().all()
    verdict = detector.judge(detector.prepare(case(), NOW), None)
    consent = request(context={"consent": {"state": "opted_in"}})
    assert detector.score(pd.json_normalize([consent]))["score"][0] == verdict.score


def test_scores_texts(detector: Detector) -> None:
    scored = detector.score(pd.DataFrame({"text": ["Hello", PHISHING, None], "label": [0, 1, 2]}))
    assert scored["score"].notna().all()
    assert scored["score"][0] < scored["score"][1]


def test_a_wrong_row_does_not_stop_the_rest(detector: Detector) -> None:
    frame = pd.DataFrame({"message": [{"type": "text", "text": {"body": "Hi"}}, "Hi", {"type": 3}, None]}, dtype=object)
    scored = detector.score(frame)
    assert scored["score"].notna().tolist() == [True, False, False, True]
    assert scored["error"].isna().tolist() == [True, False, False, True]
    assert scored["error"][1].startswith("/message: ")
    assert scored["error"][2].startswith("/message/type: ")
    assert scored["action"].isna().tolist() == [False, True, True, False]
    assert scored["score"].dtype == np.float64


def test_frames_without_rows_or_columns(detector: Detector) -> None:
    empty = detector.score(pd.DataFrame({"text": []}))
    assert tuple(empty.columns) == COLUMNS
    assert len(empty) == 0
    assert empty["score"].dtype == np.float64
    assert detector.score(pd.DataFrame(index=[1, 2]))["error"].str.contains("There is no message").all()


def state_after(*bodies: Any) -> FoldState:
    state = FoldState()
    for seq, body in enumerate(bodies, start=1):
        at = NOW - 3_600_000_000 + seq
        state.advance(unpack(record_of(body, seq=seq, received_at_us=at, at_us=at).fold))
    return state


def test_a_state_tells_the_history(detector: Detector) -> None:
    sent = [MessageScored(case(message_id=f"m{place}", recipient_id=f"r{place}")) for place in range(8)]
    state = state_after(*sent, *(Reported("s", f"r{place}") for place in range(5)))
    frame = pd.json_normalize([request(), request(sender={"id": "other", "verification_status": "verified"})])
    scored = detector.score(frame, state)
    assert scored["score"][0] > 10 * scored["score"][1]
    details = [reason.detail for reason in detector.explain(request(), state)]
    assert "5 of 8 recipients reported this sender in the last 7 days" in details
    assert not any("report" in reason.detail for reason in detector.explain(request(), state, audience="sender"))


def test_scoring_changes_no_state(detector: Detector) -> None:
    state = state_after(MessageScored(case()))
    frame = pd.json_normalize([request()] * 3)
    assert detector.score(frame, state)["score"].nunique() == 1
    assert state.applied == 1


def test_a_recipients_word_decides_the_action(detector: Detector) -> None:
    assert detector.score(pd.json_normalize([request()]), state_after(Blocked("s", "r")))["action"][0] == "block"
    template = {"name": "sale", "language": "en", "category": "MARKETING", "components": []}
    marketing = request(message={"type": "template", "template": template})
    stopped = state_after(PreferenceChanged("s", "r", "stop"))
    frame = pd.json_normalize([marketing, request()])
    assert detector.score(frame, stopped)["action"].tolist() == ["block", "allow"]
    opted_out = marketing | {"context": {"consent": {"state": "opted_out"}}}
    assert detector.score(pd.json_normalize([opted_out]))["action"][0] == "block"


def test_explains_requests_messages_and_texts(detector: Detector) -> None:
    message = {"type": "text", "text": {"body": PHISHING}}
    alone = detector.explain(message)
    assert alone == detector.explain(PHISHING) == detector.explain({"message": message})
    assert alone[0].code == "link_imitates_brand"
    assert {reason.code for reason in detector.explain(request())} >= {"sender_verified", "consent_recorded"}
    assert len(detector.explain(PHISHING, limit=1)) == 1


def test_says_what_cannot_be_explained(detector: Detector) -> None:
    with pytest.raises(RequestError, match=r"request \(dict\) or a text \(str\) is needed, not int"):
        detector.explain(5)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="/message/text"):
        detector.explain({"type": "text", "text": "Hello"})


def test_importing_the_package_loads_nothing_heavy() -> None:
    """And the detector neither pandas nor scikit-learn: the server starts without them."""
    program = (
        "import sys, torwart\n"
        "assert 'numpy' not in sys.modules and 'msgspec' not in sys.modules\n"
        "from torwart import Detector\n"
        "assert not {'pandas', 'sklearn', 'mlflow', 'joblib'} & sys.modules.keys()\n"
        "try: torwart.nothing\n"
        "except AttributeError: print('as it should be')\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "as it should be", result.stderr
