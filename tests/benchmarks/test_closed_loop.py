"""The pure parts of the closed loop's benchmark."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.closed_loop_parts.figures import per_million
from benchmarks.closed_loop_parts.wire import request_of
from benchmarks.output import spread
from torwart.entities import (
    Button,
    Case,
    Consent,
    ConsentSource,
    ConsentState,
    Context,
    Media,
    Message,
    Sender,
    TemplateRef,
)
from torwart.request import case_of, convert_request

ROOT = Path(__file__).resolve().parents[2]
LINK = "https://shop.example/sale"
TEMPLATE = TemplateRef(id="1", name="sale", language="en", category="MARKETING")


@pytest.mark.parametrize(
    "message",
    [
        Message(type="text", body=f"Half price at {LINK}", links=(LINK,)),
        Message(type="interactive", body="Sale", buttons=(Button("URL", "Go", LINK),), links=(LINK,)),
        Message(type="image", body="Sale", media=(Media("image", "ab" * 32),)),
        Message(type="template", header="Shop", body="Sale", footer="Bye", template=TEMPLATE),
        Message(type="template", body="Sale", buttons=(Button("QUICK_REPLY", "Stop"),), template=TEMPLATE),
    ],
)
def test_what_is_sent_over_http_is_read_as_the_same(message: Message) -> None:
    case = Case(
        message_id="m",
        sent_at_us=1_767_571_200_000_001,
        sender=Sender(id="biz", display_name="Shop", created_at_us=1_700_000_000_000_000),
        recipient_id="anna",
        message=message,
        context=Context(consent=Consent(state=ConsentState.OPTED_IN, source=ConsentSource.MESSENGER, at_us=1)),
    )
    read = case_of(convert_request(request_of(case)))
    assert (read.sender, read.context, read.sent_at_us) == (case.sender, case.context, case.sent_at_us)
    for part in ("type", "header", "body", "footer", "links", "template"):
        assert getattr(read.message, part) == getattr(message, part), part
    assert [button.url for button in read.message.buttons] == [button.url for button in message.buttons]
    assert [one.hash for one in read.message.media] == [one.hash for one in message.media]


def test_spreads_and_shares() -> None:
    assert spread([3, 1, 2]) == {"median": 2, "least": 1, "most": 3}
    assert per_million(0, 1_000_000)["high"] == pytest.approx(3.69, abs=0.01)


def test_the_program_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.closed_loop", "--help"],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "--sweep" in done.stdout
    assert "simulated" in done.stdout
