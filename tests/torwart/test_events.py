import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.entities import Action, Case, Cause, Consent, ConsentState, Message, Sender
from torwart.events import (
    KIND_NUMBER,
    KINDS,
    Blocked,
    Body,
    ConsentChanged,
    Decision,
    Delivered,
    Enforced,
    Labelled,
    MessageScored,
    PreferenceChanged,
    Read,
    Replied,
    Reported,
    Reviewed,
    SenderChanged,
    TemplateChanged,
    Unblocked,
    decode_body,
    encode_body,
    kind_of,
)
from torwart.features.records import record_of
from torwart.features.rows import LET_THROUGH, let_through, unpack

CASE = Case(message_id="m", sent_at_us=5, sender=Sender(id="b"), recipient_id="u", message=Message(type="text"))
DECISION = Decision(
    decision_id="d", score=0.1, fraud_given_unwanted=0.2, action=Action.ALLOW, cause=Cause.MODEL, reasons=(),
    model_version="1", policy_version="1", as_of_seq=0,
)  # fmt: skip
BODIES: tuple[Body, ...] = (
    SenderChanged(Sender(id="b")),
    MessageScored(CASE, DECISION, "hash"),
    Delivered("m"),
    Read("m"),
    Replied("b", "u", "m"),
    Reported("b", "u", "m", "spam"),
    Blocked("b", "u"),
    Unblocked("b", "u"),
    PreferenceChanged("b", "u", "stop"),
    ConsentChanged("b", "u", Consent(state=ConsentState.OPTED_IN)),
    Labelled("m", "fraud", "audit"),
    Enforced("b", "suspension", "because"),
    Reviewed("m", "d", "release", "key"),
    TemplateChanged("t", "n", "en", {"components": []}),
)


def test_the_numbers_of_kinds_never_change() -> None:
    assert KINDS[:3] == ("sender", "message", "delivery")
    assert {kind_of(body) for body in BODIES} == set(KINDS)
    assert [KIND_NUMBER[kind] for kind in KINDS] == list(range(1, len(KINDS) + 1))


@pytest.mark.parametrize("body", BODIES, ids=kind_of)
def test_what_is_written_is_what_is_read(body: Body) -> None:
    assert decode_body(encode_body(body)) == body


@given(st.binary(max_size=60))
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        decode_body(b'{"type": "nonsense"}' + data)


@pytest.mark.parametrize("body", BODIES, ids=kind_of)
@given(received=st.integers(0, 2**52), at=st.integers(0, 2**52))
def test_a_record_is_never_later_than_its_arrival(body: Body, received: int, at: int) -> None:
    record = record_of(body, seq=1, received_at_us=received, at_us=at)
    assert record.at_us == min(at, received)
    row = unpack(record.fold)[0]
    assert (row["received_at"], row["at"], row["kind"]) == (received, record.at_us, KIND_NUMBER[record.kind])


def test_only_what_reached_somebody_is_let_through() -> None:
    def flags(body: Body) -> int:
        return int(unpack(record_of(body, seq=1, received_at_us=9, at_us=9).fold)[0]["flags"])

    held = msgspec.structs.replace(DECISION, action=Action.REVIEW)
    assert flags(MessageScored(CASE, DECISION)) == LET_THROUGH
    assert flags(MessageScored(CASE)) == LET_THROUGH
    assert flags(MessageScored(CASE, held)) == 0
    assert flags(Reviewed("m", "d", "release", "k")) == LET_THROUGH
    assert flags(Reviewed("m", "d", "reject", "k")) == 0
    fold = record_of(MessageScored(CASE, held), seq=1, received_at_us=9, at_us=9).fold
    assert let_through(fold, True) == record_of(MessageScored(CASE), seq=1, received_at_us=9, at_us=9).fold
