from collections.abc import Callable
from typing import Any

import pytest

from torwart.entities import VerificationStatus
from torwart.events import MessageScored

HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def sent(play: Callable[..., Any]) -> Callable[[str], list[tuple[MessageScored, dict[str, Any]]]]:
    played = play(days=14, recipients=600, seed=8)
    truth = played.truth.set_index("message_id").to_dict("index")
    messages = [body for body in played.bodies if isinstance(body, MessageScored)]

    def by(strategy: str) -> list[tuple[MessageScored, dict[str, Any]]]:
        rows = [(body, truth[body.case.message_id]) for body in messages]
        return [(body, row) for body, row in rows if row["strategy"] == strategy]

    return by


def accounts(rows: list[Any]) -> dict[str, list[MessageScored]]:
    found: dict[str, list[MessageScored]] = {}
    for body, _ in rows:
        found.setdefault(body.case.sender.id, []).append(body)
    return found


def test_burnt_accounts_live_for_hours(sent: Any) -> None:
    used = accounts(sent("burn_and_churn"))
    assert len(used) >= 2
    spans = [max(b.case.sent_at_us for b in rows) - min(b.case.sent_at_us for b in rows) for rows in used.values()]
    assert sorted(spans)[len(spans) // 2] < 4 * HOUR


def test_a_slow_drip_uses_few_old_accounts_for_days(sent: Any) -> None:
    used = accounts(sent("slow_drip"))
    assert len(used) <= 3 * 3
    assert all(rows[0].case.sent_at_us - rows[0].case.sender.created_at_us > 24 * HOUR for rows in used.values())  # type: ignore[operator]
    assert any(rows[-1].case.sent_at_us - rows[0].case.sent_at_us > 4 * 24 * HOUR for rows in used.values())


def test_a_hijack_speaks_through_a_verified_account_and_defrauds(sent: Any) -> None:
    rows = sent("hijacked_verified")
    assert rows
    assert {row["sender_kind"] for _, row in rows} == {"hijacked"}
    assert {row["label"] for _, row in rows} == {"fraud"}
    trusted = (VerificationStatus.VERIFIED, VerificationStatus.OFFICIAL)
    assert any(body.case.sender.verification_status in trusted for body, _ in rows)


def test_a_copycat_bears_another_name_and_has_a_website(sent: Any) -> None:
    rows = sent("copycat")
    assert {row["label"] for _, row in rows} == {"fraud"}
    assert any(row["brand"] for _, row in rows)
    assert all(body.case.sender.website for body, _ in rows)


def test_rotated_texts_are_hardly_ever_the_same(sent: Any) -> None:
    rows = sent("text_rotation")
    texts = {body.case.message.text for body, _ in rows}
    assert len(texts) > 0.7 * len(rows)


def test_a_swarm_is_many_accounts_in_one_campaign(sent: Any) -> None:
    rows = sent("swarm")
    campaigns: dict[str, set[str]] = {}
    for body, row in rows:
        campaigns.setdefault(row["campaign_id"], set()).add(body.case.sender.id)
    assert max(len(senders) for senders in campaigns.values()) >= 3


def test_a_warm_up_begins_harmless(sent: Any) -> None:
    for rows in accounts(sent("warm_up")).values():
        labels = [row["label"] for body, row in sent("warm_up") if body.case.sender.id == rows[0].case.sender.id]
        assert labels[0] == "wanted"
    assert {"wanted"} < {row["label"] for _, row in sent("warm_up")}


def test_category_abuse_files_offers_as_utility(sent: Any) -> None:
    rows = sent("category_abuse")
    assert {body.case.message.category for body, _ in rows} == {"UTILITY"}
    assert {row["text_class"] for _, row in rows} == {"spam"}
