from typing import Any

from torwart.entities import Action, Case, Cause, Message, Sender
from torwart.events import MessageScored, Reported
from torwart.features.records import record_of
from training.loop.gates import Buttons, Content, Undefended

DAY = 86_400_000_000
START = 1_767_571_200_000_000


def message(sender_id: str = "shop", text: str = "Hello", at_us: int = START) -> tuple[Case, Any]:
    case = Case(
        message_id="m",
        sent_at_us=at_us,
        sender=Sender(id=sender_id),
        recipient_id="anna",
        message=Message(type="text", body=text),
    )
    return case, record_of(MessageScored(case), seq=1, received_at_us=at_us, at_us=at_us)


def report(gate: Buttons, person: str, at_us: int = START) -> None:
    body = Reported("shop", person)
    gate.follow(record_of(body, seq=1, received_at_us=at_us, at_us=at_us), body)


def test_undefended_delivers_even_to_those_who_block() -> None:
    assert Undefended().judge(*message(), blocked=True).action is Action.ALLOW


def test_enough_people_within_a_week_ban_a_sender() -> None:
    gate = Buttons(3)
    for person in ("anna", "ben", "ben"):
        report(gate, person)
    assert gate.judge(*message(), blocked=False).action is Action.ALLOW
    report(gate, "carla", START + 6 * DAY)
    ruling = gate.judge(*message(), blocked=False)
    assert (ruling.action, ruling.cause) == (Action.BLOCK, Cause.ENFORCEMENT)
    assert gate.judge(*message("other"), blocked=False).action is Action.ALLOW
    assert [measure.sender_id for measure in gate.measures] == ["shop"]


def test_reports_of_last_week_no_longer_count() -> None:
    gate = Buttons(2)
    report(gate, "anna")
    report(gate, "ben", START + 8 * DAY)
    assert not gate.measures


def test_a_block_is_the_recipients_own_affair() -> None:
    for gate in (Buttons(1), Content(lambda text: False)):  # noqa: ARG005
        ruling = gate.judge(*message(), blocked=True)
        assert (ruling.action, ruling.cause) == (Action.BLOCK, Cause.RECIPIENT)


def test_the_content_filter_is_asked_once_a_text() -> None:
    asked: list[str] = []

    def is_spam(text: str) -> bool:
        asked.append(text)
        return "win" in text

    gate = Content(is_spam)
    assert gate.judge(*message(text="You win"), blocked=False).action is Action.BLOCK
    assert gate.judge(*message(text="You win"), blocked=False).action is Action.BLOCK
    assert gate.judge(*message(text="Your parcel"), blocked=False).action is Action.ALLOW
    assert asked == ["You win", "Your parcel"]
