"""What Torwart's gate makes of the policy's rulings, with a policy that rules as it is told."""

import pytest

from torwart.detector import Detector
from torwart.entities import Action, Case, Cause, Consent, ConsentSource, ConsentState, Context, Message, Sender
from torwart.events import Enforced, MessageScored, Reported
from torwart.features.records import record_of
from torwart.policy import Circumstances, Policy, Ruling
from training.loop import keeper
from training.loop.keeper import Keeper
from training.options import CHAMPION

MINUTE = 60_000_000
START = 1_767_571_200_000_000
OFFER = "Half price until Sunday"
FRAUD = "DHL: Ihr Paket liegt beim Zoll. Zahlen Sie 2,99 EUR binnen 24 Stunden: https://dhl-zoll-paket.top/de/4711"
RECORDED = Context(consent=Consent(state=ConsentState.OPTED_IN, source=ConsentSource.MESSENGER, at_us=START))


class Told(Policy):
    def __init__(self) -> None:
        self.action = Action.ALLOW

    def decide(self, given: Circumstances) -> Ruling:  # noqa: ARG002
        return Ruling(self.action, Cause.MODEL)


class Sending:
    """One sender's messages to a gate, a minute apart."""

    def __init__(self) -> None:
        self.policy = Told()
        self.keeper = Keeper(Detector.load(CHAMPION), self.policy)
        self.now_us = START

    def __call__(self, action: Action, person: str, text: str = OFFER, context: Context | None = None) -> Ruling:
        self.now_us += MINUTE
        self.policy.action = action
        case = Case(
            message_id=f"m{self.now_us}",
            sent_at_us=self.now_us,
            sender=Sender(id="shop"),
            recipient_id=person,
            message=Message(type="text", body=text),
            context=context or Context(),
        )
        record = record_of(MessageScored(case), seq=1, received_at_us=self.now_us, at_us=self.now_us)
        return self.keeper.judge(case, record, blocked=False)

    def until_restricted(self) -> None:
        for number in range(20):
            self(Action.THROTTLE, f"stranger {number}", FRAUD)
            if self.keeper.measures:
                return
        raise AssertionError("fraud alone did not restrict the sender")


@pytest.fixture
def send() -> Sending:
    return Sending()


def is_refused(ruling: Ruling) -> bool:
    return (ruling.action, ruling.cause, ruling.rule) == (Action.BLOCK, Cause.ENFORCEMENT, "sender_restricted")


def test_fraud_of_a_restricted_sender_is_refused_unless_consent_is_recorded_or_it_answers(send: Sending) -> None:
    assert send(Action.THROTTLE, "customer", FRAUD).action is Action.THROTTLE
    send.until_restricted()
    assert is_refused(send(Action.THROTTLE, "customer", FRAUD))
    assert send(Action.THROTTLE, "customer", FRAUD, RECORDED).action is Action.THROTTLE
    answered = Context(last_user_message_at_us=send.now_us)
    assert send(Action.THROTTLE, "customer", FRAUD, answered).action is Action.THROTTLE


def test_what_the_model_is_less_sure_of_goes_on_as_before(send: Sending) -> None:
    send.until_restricted()
    for action in (Action.ALLOW, Action.LABEL, Action.THROTTLE):
        assert send(action, "somebody new").action is action
    assert send(Action.LABEL, "somebody new", FRAUD).action is Action.LABEL


def refused_from(monkeypatch: pytest.MonkeyPatch, *, reported: bool) -> float:
    """The highest of some thresholds at which a restricted sender's fraud is refused."""
    send = Sending()
    send(Action.ALLOW, "customer")
    send.until_restricted()
    if reported:
        report = Reported("shop", "customer")
        send.keeper.follow(record_of(report, seq=1, received_at_us=send.now_us, at_us=send.now_us), report)
    found = 0.0
    for percent in range(50, 100):
        monkeypatch.setattr(keeper, "REFUSED_FROM", percent / 100)
        if is_refused(send(Action.THROTTLE, f"stranger after {percent}", FRAUD)):
            found = percent / 100
    return found


def test_a_refusal_never_rests_on_what_people_say(monkeypatch: pytest.MonkeyPatch) -> None:
    unreported, reported = (refused_from(monkeypatch, reported=so) for so in (False, True))
    assert 0.5 <= unreported == reported < 0.99


def test_advertising_restricts_nobody(send: Sending) -> None:
    for number in range(20):
        send(Action.THROTTLE, f"stranger {number}")
    assert not send.keeper.measures


def test_a_restriction_ends_when_a_person_lifts_it(send: Sending) -> None:
    send(Action.THROTTLE, "customer", FRAUD)
    send.until_restricted()
    assert is_refused(send(Action.THROTTLE, "customer", FRAUD))
    lifted = Enforced("shop", "none", "appeal upheld")
    send.keeper.follow(record_of(lifted, seq=1, received_at_us=send.now_us, at_us=send.now_us), lifted)
    assert send(Action.THROTTLE, "customer", FRAUD).action is Action.THROTTLE
