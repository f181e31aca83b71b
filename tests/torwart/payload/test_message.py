"""Every shape and type, as whole messages: payload and result stand side by side in ``tests/torwart/payloads``."""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.entities import Message
from torwart.payload import (
    FLAGS,
    MAX_BUTTONS,
    MAX_LABEL,
    MAX_LINK,
    MAX_LINKS,
    MAX_MEDIA,
    MAX_TEXT,
    PayloadError,
    parse_message,
)

FILES = Path(__file__).parents[1] / "payloads"
NAMED_CASES: list[tuple[str, dict[str, Any]]] = [
    (f"{file.stem}: {name}", case)
    for file in sorted(FILES.glob("*.json"))
    for name, case in json.loads(file.read_text(encoding="utf-8")).items()
]
CASES = [case for _, case in NAMED_CASES]


def lookup_in(stored: dict[str, Any]) -> Any:
    return lambda _id, name, language: stored.get(f"{name}/{language}")


@pytest.mark.parametrize("case", CASES, ids=[name for name, _ in NAMED_CASES])
def test_is_read_as_written_beside_it(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["payload"])
    message = parse_message(case["payload"], lookup_in(case.get("stored", {})))
    assert message == msgspec.convert(case["message"], Message)
    assert case["payload"] == before
    assert set(message.flags) <= FLAGS.keys()


def test_every_flag_is_used_and_explained() -> None:
    seen = {flag for case in CASES for flag in case["message"].get("flags", ())}
    assert FLAGS.keys() - seen == {"link_disguised", "truncated"}  # both below
    assert all(sentence.endswith(".") for sentence in FLAGS.values())


def test_a_disguised_link_is_flagged() -> None:
    message = parse_message({"type": "text", "text": {"body": "Zahlen: dhl-zoll[.]top/x"}})
    assert message.links == ("dhl-zoll.top/x",)
    assert message.flags == ("link_disguised",)


@pytest.mark.parametrize("payload", ["hello", 5, True, [], [{"type": "text"}]])
def test_only_an_object_or_null_is_a_message(payload: object) -> None:
    with pytest.raises(PayloadError, match="must be an object or null") as caught:
        parse_message(payload)
    assert caught.value.pointer == ""


def template(*components: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "template", "template": {"components": list(components), **fields}}


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        ({"type": 5}, "/type"),
        ({"type": "text", "text": "hello"}, "/text"),
        ({"type": "text", "text": {"body": 5}}, "/text/body"),
        ({"type": "image", "image": {"id": [], "caption": "x"}}, "/image/id"),
        ({"type": "image", "image": {"id": True}}, "/image/id"),
        ({"type": "image", "image": {"id": 10**400}}, "/image/id"),
        ({"type": "contacts", "contacts": {}}, "/contacts"),
        ({"type": "contacts", "contacts": [{"phones": [{"phone": 1}]}]}, "/contacts/0/phones/0/phone"),
        ({"type": "edit", "edit": {"message": {"type": "text", "text": {"body": []}}}}, "/edit/message/text/body"),
        ({"type": "template", "template": []}, "/template"),
        (template(5), "/template/components/0"),
        (template({"type": "BODY", "text": 5}), "/template/components/0/text"),
        (template({"type": 1}), "/template/components/0/type"),
        (template(language=5), "/template/language"),
        (template(language={"code": 5}), "/template/language/code"),
        (
            template({"type": "BUTTONS", "buttons": [None, {"type": "URL", "url": {}}]}),
            "/template/components/0/buttons/1/url",
        ),
        (
            template({"type": "body", "parameters": [{"type": "text", "text": 1}]}),
            "/template/components/0/parameters/0/text",
        ),
        (
            template({"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": 1}]}]}),
            "/template/components/0/cards/0/components/0/text",
        ),
        ({"components": [{"type": "BODY", "text": 5}]}, "/components/0/text"),
        ({"type": "interactive", "interactive": {"body": {"text": 1}}}, "/interactive/body/text"),
        (
            {"type": "interactive", "interactive": {"action": {"buttons": [{"quick_reply": {"title": 1}}]}}},
            "/interactive/action/buttons/0/quick_reply/title",
        ),
    ],
)
def test_a_wrong_json_type_is_pointed_at(payload: dict[str, Any], pointer: str) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_message(payload)
    assert caught.value.pointer == pointer
    assert pointer in str(caught.value)
    assert caught.value.detail.endswith(".")


def test_the_lookup_is_asked_only_by_requests() -> None:
    asked: list[tuple[str, str, str]] = []

    def lookup(id: str, name: str, language: str) -> None:
        asked.append((id, name, language))

    parse_message({"type": "template", "template": {"id": 4, "name": "n", "language": {"code": "de"}}}, lookup)
    parse_message(template({"type": "BODY", "text": "x"}, name="n", language="de"), lookup)
    parse_message(template(), lookup)
    parse_message({"type": "text", "text": {"body": "x"}}, lookup)
    assert asked == [("4", "n", "de")]


def test_an_envelope_with_one_message_will_do() -> None:
    message: dict[str, Any] = {"type": "text", "text": {"body": "Hi"}}
    envelope = {"entry": [{"changes": [{"value": {"messages": [message]}}]}]}
    assert parse_message(envelope).body == "Hi"
    message["text"]["body"] = 5
    with pytest.raises(PayloadError) as caught:
        parse_message(envelope)
    assert caught.value.pointer == "/entry/0/changes/0/value/messages/0/text/body"


@pytest.mark.parametrize(("count", "words"), [(0, "no message"), (2, "several messages")])
def test_an_envelope_with_none_or_several_will_not(count: int, words: str) -> None:
    envelope = {"entry": [{"changes": [{"value": {"messages": [{"type": "text"}] * count}}]}]}
    with pytest.raises(PayloadError, match=words):
        parse_message(envelope)


def test_what_is_huge_is_cut_and_flagged() -> None:
    buttons = [
        {"type": "URL" * 9999, "text": "x" * 9999, "url": f"https://a.example/{i}/{'y' * 9999}"} for i in range(60)
    ]
    links = " ".join(f"https://b.example/{i}" for i in range(99))
    parts = [{"type": "BODY", "text": links + " z" * 99_999}, {"type": "FOOTER", "text": "f" * 99_999}]
    headers = [{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": "h" * 9999}}] * 40
    message = parse_message(template(*parts, *headers, {"type": "BUTTONS", "buttons": buttons * 2}, name="n" * 9999))
    assert "truncated" in message.flags
    assert len(message.body) == len(message.footer) == MAX_TEXT
    assert len(message.buttons) <= MAX_BUTTONS
    assert len(message.links) == MAX_LINKS
    assert len(message.media) == MAX_MEDIA
    assert message.template is not None
    assert len(message.template.name) == MAX_LABEL
    assert {(len(button.type), len(button.text), len(button.url)) for button in message.buttons} == {
        (MAX_LABEL, MAX_LABEL, MAX_LINK)
    }
    assert sum(link.startswith("https://a.example/") for link in message.links) == MAX_LINKS // 2


def test_a_long_value_named_often_does_not_explode() -> None:
    component = {"type": "BODY", "text": "{{1}}" * 100_000, "example": {"body_text": [["x" * 100_000]]}}
    assert parse_message(template(component)).body == "x" * MAX_TEXT


def test_deep_nesting_is_no_trouble() -> None:
    edit: dict[str, Any] = {"type": "text", "text": {"body": "deep"}}
    card: dict[str, Any] = {"type": "carousel", "cards": []}
    for _ in range(3000):
        edit = {"type": "edit", "edit": {"message": edit}}
        card = {"type": "carousel", "cards": [{"card_index": 0, "components": [card]}]}
    assert parse_message(edit).body == "deep"
    assert parse_message(template(card)).body == ""


def words_in(node: object) -> set[str]:
    """Every key and short string of the examples: the words that a reader may stumble over."""
    if isinstance(node, dict):
        return set(node).union(*map(words_in, node.values()))
    if isinstance(node, list):
        return set[str]().union(*map(words_in, node))
    return {node} if isinstance(node, str) and len(node) < 20 else set()


WORDS = sorted(words_in([case["payload"] for _, case in NAMED_CASES]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=40,
)


def mutated(payload: Any, data: st.DataObject) -> Any:
    """Replace one node of ``payload``, somewhere, by any JSON."""
    if isinstance(payload, dict | list) and payload and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(list(payload) if isinstance(payload, dict) else range(len(payload))))
        changed = payload.copy()
        changed[key] = mutated(payload[key], data)
        return changed
    return data.draw(JSON)


def read_or_refused(payload: object, lookup: Any) -> None:
    try:
        message = parse_message(payload, lookup)
    except PayloadError as error:
        node: Any = payload
        for step in error.pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step]
    else:
        assert msgspec.json.decode(msgspec.json.encode(message), type=Message) == message
        assert message.text_withheld == ("text_withheld" in message.flags)
        assert len(set(message.links)) == len(message.links) <= MAX_LINKS
        assert set(message.flags) <= FLAGS.keys()


@given(JSON, JSON)
@settings(max_examples=150, deadline=None)
def test_any_json_is_read_or_refused_with_a_pointer(payload: object, stored: object) -> None:
    read_or_refused(payload, lambda *_: stored if isinstance(stored, dict) else None)


@given(st.sampled_from(CASES), st.data())
@settings(max_examples=300, deadline=None)
def test_any_damaged_payload_is_read_or_refused_with_a_pointer(case: dict[str, Any], data: st.DataObject) -> None:
    stored = mutated(case.get("stored", {}), data)
    lookup = lookup_in(
        {key: value for key, value in stored.items() if isinstance(value, dict)} if isinstance(stored, dict) else {}
    )
    read_or_refused(mutated(case["payload"], data), lookup)


@given(st.sampled_from([case["payload"] for case in CASES if case["payload"] is not None]), JSON)
@settings(max_examples=100, deadline=None)
def test_an_unknown_field_changes_nothing(payload: dict[str, Any], value: object) -> None:
    assert parse_message({**payload, "not_yet_invented": value}) == parse_message(payload)
