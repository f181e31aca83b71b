from typing import Any

import pytest

from torwart.payload import PayloadError, messages_in


def test_yields_messages_and_echoes_with_pointers() -> None:
    envelope: dict[str, Any] = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "1",
                "changes": [
                    {"field": "messages", "value": {"messages": [{"id": "a"}, None, {"id": "b"}]}},
                    {"value": None},
                ],
            },
            None,
            {
                "changes": [
                    {"field": "account_update", "value": {"event": "x"}},
                    {"value": {"message_echoes": [{"id": "c"}]}},
                ]
            },
        ],
    }
    assert [(at, message["id"]) for at, message in messages_in(envelope)] == [
        ("/entry/0/changes/0/value/messages/0", "a"),
        ("/entry/0/changes/0/value/messages/2", "b"),
        ("/entry/2/changes/1/value/message_echoes/0", "c"),
    ]


@pytest.mark.parametrize(
    "envelope", [{}, {"entry": None}, {"entry": []}, {"entry": [{"changes": [{"value": {"statuses": [{}]}}]}]}]
)
def test_yields_nothing_where_no_message_is(envelope: dict[str, Any]) -> None:
    assert list(messages_in(envelope)) == []


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        ([], ""),
        ({"entry": {}}, "/entry"),
        ({"entry": [5]}, "/entry/0"),
        ({"entry": [{"changes": [{"value": "x"}]}]}, "/entry/0/changes/0/value"),
        ({"entry": [{"changes": [{"value": {"messages": ["x"]}}]}]}, "/entry/0/changes/0/value/messages/0"),
    ],
)
def test_points_at_a_wrong_json_type(envelope: object, pointer: str) -> None:
    with pytest.raises(PayloadError) as caught:
        list(messages_in(envelope))
    assert caught.value.pointer == pointer
