from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from torwart.flat import NO_TIME, UNNAMED, completed, from_flat
from torwart.request import RequestError, case_of, convert_request

REQUEST: dict[str, Any] = {
    "message_id": "wamid.HBgM",
    "sent_at": "2026-11-22T10:00:00Z",
    "sender": {"id": "biz_4711", "verification_status": "verified"},
    "recipient_id": "u_9b1c",
    "message": {
        "type": "template",
        "template": {
            "id": "5944",
            "name": "flight_delay",
            "category": "UTILITY",
            "components": [{"type": "BODY", "text": "Your flight is 40 minutes late."}],
        },
    },
    "context": {"consent": {"state": "opted_in", "source": "messenger"}},
}


def row_of(*documents: dict[str, Any], place: int = 0) -> dict[str, object]:
    return {str(key): value for key, value in pd.json_normalize(list(documents)).iloc[place].items()}


def test_json_normalize_loses_nothing() -> None:
    assert from_flat(row_of(REQUEST)) == convert_request(REQUEST)


def test_rows_of_different_shapes_share_a_table() -> None:
    other = {"message_id": "m2", "message": {"type": "text", "text": {"body": "Hello"}}, "sender": {"id": "s2"}}
    withheld = {"message_id": "m3", "message": None, "sender": {"id": "s3"}}
    documents = (REQUEST, other, withheld)
    assert from_flat(row_of(*documents, place=0)) == convert_request(REQUEST)
    assert case_of(from_flat(row_of(*documents, place=1))).message.body == "Hello"
    assert case_of(from_flat(row_of(*documents, place=2))).message.text_withheld


@pytest.mark.parametrize(
    "message",
    [
        REQUEST["message"],
        '{"type": "template", "template": {"id": "5944", "name": "flight_delay", "category": "UTILITY", '
        '"components": [{"type": "BODY", "text": "Your flight is 40 minutes late."}]}}',
    ],
)
def test_a_message_may_be_an_object_or_json(message: object) -> None:
    case = case_of(from_flat({"message": message}))
    assert (case.message.body, case.message.category) == ("Your flight is 40 minutes late.", "UTILITY")


def test_components_may_be_json_or_arrays_as_parquet_gives_them() -> None:
    component = {"type": "BODY", "text": "Hi", "buttons": None}
    cells = ['[{"type": "BODY", "text": "Hi"}]', np.array([component], dtype=object), [component]]
    for cell in cells:
        row = {"message.type": "template", "message.template.components": cell}
        assert case_of(from_flat(row)).message.body == "Hi"


def test_a_text_is_a_message() -> None:
    case = case_of(from_flat({"text": "[Lufthansa] {delay}", "label": "wanted"}))
    assert (case.message.type, case.message.body) == ("text", "[Lufthansa] {delay}")
    assert (case.sender.id, case.recipient_id, case.message_id) == (UNNAMED, UNNAMED, UNNAMED)
    assert case.sent_at_us == 0


def test_prose_that_looks_like_json_stays_prose() -> None:
    assert case_of(from_flat({"message.type": "text", "message.text.body": "[1]"})).message.body == "[1]"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, np.nan, np.float64("nan")])
def test_missing_cells_are_absent(missing: object) -> None:
    request = from_flat({"text": "Hi", "sender.verification_status": missing, "context.consent.state": missing})
    assert request.sender.verification_status is None
    assert request.context is None
    assert from_flat({"text": missing}).message is None


def test_what_a_table_reader_took_for_a_number_is_a_text() -> None:
    row = {"message_id": np.int64(17), "sender.id": 4711.0, "recipient_id": 5, "text": 482913, "dry_run": "true"}
    request = from_flat(row)
    assert (request.message_id, request.sender.id, request.recipient_id) == ("17", "4711", "5")
    assert request.message == {"type": "text", "text": {"body": "482913"}}
    assert request.dry_run is True


@pytest.mark.parametrize(
    "time", [pd.Timestamp("2026-11-22T10:00Z"), datetime(2026, 11, 22, 10, tzinfo=UTC), "2026-11-22 11:00:00+01:00"]
)
def test_times_may_be_objects(time: object) -> None:
    assert from_flat({"text": "Hi", "sent_at": time}).sent_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"sender.id": "s"}, "There is no message"),
        ({}, "There is no message"),
        ({"message": "Hello"}, "/message: "),
        (
            {"text": "Hi", "sent_at": pd.Timestamp("2026-11-22")},
            "/sent_at: This should be a time in RFC 3339 with a zone",
        ),
        ({"text": "Hi", "sender": 5}, "/sender: "),
        ({"text": "Hi", "sender.id": "x" * 300}, "/sender/id: "),
        ({"text": "Hi", "sender.created_at": "2026-01-01T00:00:00Z"}, "/sent_at: The time of sending is missing"),
        ({"text": "Hi", "context.consent.state": "opted_in", "context.consent.at": NO_TIME}, "/sent_at: "),
    ],
)
def test_says_what_is_wrong_with_a_row(row: dict[str, object], complaint: str) -> None:
    with pytest.raises(RequestError) as caught:
        from_flat(row)
    assert str(caught.value).startswith(complaint)


def test_a_row_is_not_changed() -> None:
    message = {"type": "text"}
    row = {"message": message, "message.text.body": "Hi"}
    assert case_of(from_flat(row)).message.body == "Hi"
    assert row == {"message": {"type": "text"}, "message.text.body": "Hi"}
    assert message == {"type": "text"}


def test_completing_keeps_what_is_there() -> None:
    assert completed(REQUEST) == REQUEST
    assert completed({"message": None})["sender"] == {"id": UNNAMED}
