"""Masked rows must be, number for number, what the core's own code gives for a message of which less is known."""

import msgspec
import numpy as np
import pytest

from torwart.entities import (
    Button,
    Case,
    Consent,
    ConsentSource,
    ConsentState,
    Context,
    Message,
    Sender,
    TemplateRef,
    VerificationStatus,
)
from torwart.events import Body, MessageScored, Replied, Reported
from torwart.features import verification
from torwart.features.catalogue import MISSING, N_OWN, NAMES, POSITION
from torwart.features.records import record_of
from torwart.features.rows import MESSAGE, NO_CAMPAIGNS, pack, unpack
from torwart.features.state import FoldState
from torwart.features.vector import prepare, vector
from torwart.text.classifier import TextClassifier
from torwart.text.ngrams import N_COLUMNS
from training.masks import (
    EVERYTHING_KNOWN,
    HISTORY_MISSING,
    PROFILE_MISSING,
    TEXT_WITHHELD,
    Rows,
    at_random,
    in_mode,
)

NOW = 1_795_341_600_000_000
HOUR = 3_600_000_000

KNOWN = Sender(
    id="s1",
    display_name="Nordbad Apotheke",
    verification_status=VerificationStatus.VERIFIED,
    verified_at_us=NOW - 900 * HOUR,
    created_at_us=NOW - 9_000 * HOUR,
    website="https://nordbad.example",
)
TEMPLATE = TemplateRef(id="1", name="parcel", language="de", category="UTILITY")
CASES = [
    Case(
        message_id="m1",
        sent_at_us=NOW,
        sender=KNOWN,
        recipient_id="r1",
        message=Message(
            type="template",
            header="DHL",
            body="DHL Paket wartet!! https://dhl-zoll.top/pay 1,99 €",
            buttons=(Button("URL", "Zahlen", "https://dhl-zoll.top/pay"),),
            links=("https://dhl-zoll.top/pay",),
            template=TEMPLATE,
        ),
        context=Context(
            consent=Consent(state=ConsentState.OPTED_IN, source=ConsentSource.MESSENGER, at_us=NOW - 70 * HOUR),
            last_user_message_at_us=NOW - 3 * HOUR,
        ),
    ),
    Case(
        message_id="m2",
        sent_at_us=NOW,
        sender=KNOWN,
        recipient_id="r1",
        message=Message(type="text", body="Guten Tag, Ihr Rezept liegt bereit."),
        context=Context(last_user_message_at_us=NOW - 50 * HOUR),
    ),
    Case(
        message_id="m3",
        sent_at_us=NOW,
        sender=Sender(id="s1"),
        recipient_id="r2",
        message=Message(type="image", body="Nordbad: neu", links=("https://nordbad.example/neu",)),
    ),
]


_WEIGHTS = np.random.default_rng(1).normal(scale=30, size=(N_COLUMNS, 4)).clip(-127, 127).astype(np.int8)
TEXT = TextClassifier(_WEIGHTS, 0.03, np.array([1.0, 0.2, -0.5, 0.3]), 0.5)


def state() -> FoldState:
    """A sender with a little past, of whose first message's campaign somebody complained."""
    result = FoldState()
    campaigns = features(CASES[0])[1]
    past: list[tuple[Body, tuple[int, ...]]] = [
        (MessageScored(msgspec.structs.replace(CASES[0], message_id="old")), campaigns),
        (Replied("s1", "r1"), NO_CAMPAIGNS),
        (Reported("s1", "r1", "old"), campaigns),
    ]
    for seq, (body, keys) in enumerate(past, 1):
        at = NOW - 40 * HOUR + seq
        result.advance(unpack(record_of(body, seq=seq, received_at_us=at, at_us=at, campaigns=keys).fold))
    return result


def features(case: Case, folds: FoldState | None = None) -> tuple[np.ndarray, tuple[int, ...]]:
    """The vector by the path that the server takes, and the campaign keys."""
    text = None if case.message.text_withheld else case.message.text
    prepared = prepare(case, None if text is None else TEXT.evidence(text), NOW)
    if folds is None:
        return vector(prepared, None), prepared.campaigns
    row = pack(MESSAGE, NOW, NOW, case.sender.id, case.recipient_id, campaigns=prepared.campaigns)
    return vector(prepared, folds.read(unpack(row), prepared.last_user_message_us)), prepared.campaigns


@pytest.fixture(scope="module")
def rows() -> Rows:
    folds = state()
    borrows = [verification.read(Sender(id=""), case.message, NOW)[POSITION["text_borrows_brand"]] for case in CASES]
    since = [
        np.nan if case.context.last_user_message_at_us is None else NOW - case.context.last_user_message_at_us
        for case in CASES
    ]
    matrix = np.array([features(case, folds)[0] for case in CASES])
    return Rows(matrix, np.array(borrows, dtype=bool), np.array(since, dtype=float))


def expected(mode: str) -> np.ndarray:
    folds = state()
    found = []
    for case in CASES:
        less = case
        if mode == TEXT_WITHHELD:
            less = msgspec.structs.replace(case, message=Message(type=case.message.type, text_withheld=True))
        elif mode == PROFILE_MISSING:
            less = msgspec.structs.replace(case, sender=Sender(id=case.sender.id))
        found.append(features(less, None if mode == HISTORY_MISSING else folds)[0])
    return np.array(found)


@pytest.mark.parametrize("mode", [EVERYTHING_KNOWN, TEXT_WITHHELD, HISTORY_MISSING, PROFILE_MISSING])
def test_equals_the_core(rows: Rows, mode: str) -> None:
    before = rows.matrix.copy()
    masked = in_mode(rows, mode)
    wrong = [
        (place, NAMES[column])
        for place, column in zip(*np.nonzero(~np.isclose(masked, expected(mode), equal_nan=True, rtol=0)), strict=True)
    ]
    assert wrong == []
    np.testing.assert_array_equal(rows.matrix, before)


def test_refuses_another_mode(rows: Rows) -> None:
    with pytest.raises(ValueError, match="no mode"):
        in_mode(rows, "everything")


def test_random_masks_are_repeatable_and_take_every_group_away_sometimes(rows: Rows) -> None:
    many = Rows(
        np.repeat(rows.matrix, 500, axis=0),
        np.repeat(rows.opens_with_brand, 500),
        np.repeat(rows.since_user_message, 500),
    )
    masked = at_random(many, np.random.default_rng(1))
    np.testing.assert_array_equal(masked, at_random(many, np.random.default_rng(1)))
    shares = {
        "content_missing": (masked[:, POSITION["content_missing"]] == 1).mean(),
        "history_missing": (masked[:, POSITION["history_missing"]] == 1).mean(),
        "untouched": (np.isclose(masked, many.matrix, equal_nan=True).all(axis=1)).mean(),
    }
    assert 0.10 < shares["content_missing"] < 0.20
    assert 0.06 < shares["history_missing"] < 0.14
    assert 0.6 < shares["untouched"] < 0.85


def test_a_row_can_lose_text_and_history_together(rows: Rows) -> None:
    many = Rows(
        np.repeat(rows.matrix, 500, axis=0),
        np.repeat(rows.opens_with_brand, 500),
        np.repeat(rows.since_user_message, 500),
    )
    masked = at_random(many, np.random.default_rng(2))
    both = (masked[:, POSITION["content_missing"]] == 1) & (masked[:, POSITION["history_missing"]] == 1)
    assert both.any()
    campaign = [column for column in range(N_OWN, len(NAMES)) if NAMES[column].startswith("campaign_")]
    np.testing.assert_array_equal(masked[np.ix_(both, campaign)], np.tile(MISSING[campaign], (both.sum(), 1)))
