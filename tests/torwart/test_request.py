import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.entities import AccountSize, ConsentSource, ConsentState, VerificationStatus
from torwart.request import (
    EPOCH,
    LATEST,
    NotJsonError,
    RequestError,
    ScoreRequest,
    case_of,
    convert_request,
    decode_request,
    microseconds,
)


def body(**changes: Any) -> dict[str, Any]:
    return {
        "message_id": "wamid.HBgM",
        "sent_at": "2026-11-22T10:00:00.000001Z",
        "sender": {"id": "biz_4711", "verification_status": "verified", "verified_at": "2025-10-06T02:00:00+02:00"},
        "recipient_id": "u_9b1c",
        "message": {"type": "text", "text": {"body": "Your parcel arrives today."}},
        "context": {"consent": {"state": "opted_in", "source": "messenger", "at": "2026-01-05T08:00:00Z"}},
        "dry_run": False,
    } | changes


def decoded(**changes: Any) -> ScoreRequest:
    return decode_request(json.dumps(body(**changes)).encode())


def test_reads_the_whole_request() -> None:
    case = case_of(decoded())
    assert (case.message_id, case.recipient_id, case.sender.id) == ("wamid.HBgM", "u_9b1c", "biz_4711")
    assert case.sent_at_us == 1_795_341_600_000_001
    assert case.sender.verification_status is VerificationStatus.VERIFIED
    assert case.sender.verified_at_us == 1_759_708_800_000_000
    assert case.message.body == "Your parcel arrives today."
    consent = case.context.consent
    assert consent is not None
    assert (consent.state, consent.source) == (ConsentState.OPTED_IN, ConsentSource.MESSENGER)
    assert case.context.last_user_message_at_us is None


def test_only_five_members_are_needed_and_unknown_ones_are_ignored() -> None:
    small = {key: value for key, value in body().items() if key not in ("context", "dry_run")}
    small |= {"sender": {"id": "s", "mood": "good"}, "priority": 3}
    request = decode_request(json.dumps(small).encode())
    assert request.dry_run is False
    sender = case_of(request).sender
    assert (sender.verification_status, sender.account_size, sender.website) == (None, None, None)


def test_null_means_unknown() -> None:
    sender = {"id": "s", "display_name": None, "verification_status": None, "created_at": None, "website": ""}
    case = case_of(decoded(sender=sender, context={"consent": None, "last_user_message_at": None}))
    assert (case.sender.display_name, case.sender.created_at_us, case.sender.website) == (None, None, None)
    assert case.context.consent is None


def test_a_message_may_be_withheld_but_not_forgotten() -> None:
    assert case_of(decoded(message=None)).message.text_withheld
    with pytest.raises(RequestError, match="/message: This member is missing"):
        decode_request(json.dumps({key: value for key, value in body().items() if key != "message"}).encode())


def test_enumerations_are_open() -> None:
    sender = {"id": "s", "verification_status": "gold", "account_size": "huge"}
    consent = {"state": "perhaps", "source": "a friend", "category": "marketing"}
    case = case_of(decoded(sender=sender, context={"consent": consent}))
    assert (case.sender.verification_status, case.sender.account_size) == (None, None)
    given = case.context.consent
    assert given is not None
    assert (given.state, given.source, given.category) == (ConsentState.UNKNOWN, ConsentSource.SENDER, "MARKETING")
    small = case_of(decoded(sender={"id": "s", "account_size": "small"})).sender
    assert small.account_size is AccountSize.SMALL


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"message_id": ""}, "/message_id", "length >= 1"),
        ({"message_id": "x" * 257}, "/message_id", "length <= 256"),
        ({"message_id": 7}, "/message_id", "This should be string, not integer."),
        ({"recipient_id": None}, "/recipient_id", "not null"),
        ({"sender": {}}, "/sender/id", "This member is missing."),
        ({"sender": {"id": ["a"]}}, "/sender/id", "not array"),
        ({"sender": "biz"}, "/sender", "not str"),
        ({"sent_at": "2026-11-22T10:00:00"}, "/sent_at", "a time in RFC 3339 with a zone"),
        ({"sent_at": "yesterday"}, "/sent_at", "a time in RFC 3339 with a zone, such as 2026-11-22T10:00:00Z"),
        ({"sent_at": 1795341600}, "/sent_at", "not int"),
        ({"message": []}, "/message", "not array"),
        ({"message": "hello"}, "/message", "not str"),
        ({"dry_run": "yes"}, "/dry_run", "not str"),
        ({"context": {"consent": {"state": 1}}}, "/context/consent/state", "not integer"),
        ({"context": {"consent": {}}}, "/context/consent/state", "This member is missing."),
    ],
)
def test_says_where_and_what(changes: dict[str, Any], pointer: str, said: str) -> None:
    with pytest.raises(RequestError) as caught:
        decoded(**changes)
    assert caught.value.pointer == pointer
    assert said in caught.value.detail
    assert caught.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"sent_at": "1969-12-31T23:59:59.999999Z"}, "/sent_at"),
        ({"sent_at": "0001-01-01T00:00:00+23:00"}, "/sent_at"),
        ({"sent_at": "9999-12-31T23:59:59-23:00"}, "/sent_at"),
        ({"sent_at": "2100-01-01T00:00:00Z"}, "/sent_at"),
        ({"sender": {"id": "s", "verified_at": "1823-01-01T00:00:00Z"}}, "/sender/verified_at"),
        ({"sender": {"id": "s", "created_at": "2999-01-01T00:00:00Z"}}, "/sender/created_at"),
        ({"context": {"last_user_message_at": "1900-01-01T00:00:00Z"}}, "/context/last_user_message_at"),
        ({"context": {"consent": {"state": "opted_in", "at": "1900-01-01T00:00:00Z"}}}, "/context/consent/at"),
        ({"message": {"type": "text", "text": {"body": 3}}}, "/message/text/body"),
    ],
)
def test_a_case_needs_sensible_times_and_a_message(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(RequestError) as caught:
        case_of(decoded(**changes))
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"message_id": "\xff"}', b'"\\ud800\\u0041"'])
def test_what_is_not_json(data: bytes) -> None:
    with pytest.raises(NotJsonError, match="not JSON in UTF-8"):
        decode_request(data)


def test_bottomless_nesting_is_an_error_like_any_other() -> None:
    with pytest.raises(RequestError, match="nested too deeply"):
        decode_request(b'{"message": {"a": ' + b"[" * 200_000)


@given(st.binary(max_size=60))
def test_no_body_raises_anything_else(data: bytes) -> None:
    with pytest.raises(RequestError):
        decode_request(data)


times = st.datetimes(EPOCH.replace(tzinfo=None), LATEST.replace(tzinfo=None) - timedelta(microseconds=1))


@given(times, st.integers(-23 * 60, 23 * 60))
def test_microseconds_are_exact(time: datetime, zone_minutes: int) -> None:
    from datetime import timezone

    aware = time.replace(tzinfo=UTC)
    elsewhere = aware.astimezone(timezone(timedelta(minutes=zone_minutes)))
    assert microseconds(elsewhere, "") == microseconds(aware, "")
    assert EPOCH + timedelta(microseconds=microseconds(aware, "")) == aware


def test_a_decoded_document_is_read_the_same_way() -> None:
    assert convert_request(body()) == decoded()
    with pytest.raises(RequestError) as caught:
        convert_request(body(sender={"id": 5}))
    assert caught.value.pointer == "/sender/id"


def test_the_schema_describes_every_field() -> None:
    schema = msgspec.json.schema(ScoreRequest)
    required = schema["$defs"]["ScoreRequest"]["required"]
    assert required == ["message_id", "sent_at", "sender", "recipient_id", "message"]
    assert schema["$defs"]["ScoreRequest"]["properties"]["message_id"]["maxLength"] == 256
    assert schema["$defs"]["SenderGiven"]["required"] == ["id"]
