"""The promises of the README's first minute, on a real server with the shipped champion, before and after kill -9."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.system.running import Server

HARSHNESS = {"allow": 0, "label": 1, "throttle": 2, "review": 3, "block": 4}
NUMBERS = itertools.count()

AIRLINE = {
    "id": "biz_lufthansa",
    "display_name": "Lufthansa",
    "verification_status": "verified",
    "verified_at": "2025-10-01T00:00:00Z",
    "created_at": "2024-05-01T00:00:00Z",
    "account_size": "medium",
    "website": "https://www.lufthansa.com",
}
STRANGER = {
    "id": "biz_paket_zoll",
    "display_name": "DHL Zollservice",
    "verification_status": "not_verified",
    "created_at": (datetime.now(UTC) - timedelta(hours=16)).isoformat(),
    "account_size": "small",
}
SHOP = {
    "id": "biz_gartenladen",
    "display_name": "Gartenladen Linde",
    "verification_status": "verified",
    "verified_at": "2026-01-10T00:00:00Z",
    "created_at": "2025-11-01T00:00:00Z",
    "account_size": "small",
    "website": "https://gartenladen-linde.de",
}
DELAY = {
    "type": "template",
    "template": {
        "id": "5944",
        "name": "flight_delay",
        "language": "de",
        "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": "Guten Tag Frau Sommer, Ihr Flug LH 123 nach Wien verspätet sich um 40 Minuten. "
                                     "Neue Abflugzeit: 14:25 Uhr, Gate B22."},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Umbuchen", "url": "https://www.lufthansa.com/de/umbuchen"},
                {"type": "QUICK_REPLY", "text": "Alles klar"}]},
        ],
    },
}  # fmt: skip
PHISHING = {
    "type": "text",
    "text": {"body": "DHL: Ihr Paket konnte nicht zugestellt werden. Bitte zahlen Sie die Zollgebühr von 2,99 EUR "
                     "innerhalb von 24 Stunden: https://dhl-zoll-paket.top/de/4711"},
}  # fmt: skip
PROMOTION = {
    "type": "template",
    "template": {
        "name": "herbst_rabatt",
        "language": "de",
        "category": "MARKETING",
        "components": [
            {"type": "BODY", "text": "Herbst im Gartenladen: 25 % Rabatt auf alle Stauden, nur bis Sonntag! "
                                     "Jetzt stöbern und sparen."},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Zum Angebot", "url": "https://gartenladen-linde.de/herbst"}]},
        ],
    },
}  # fmt: skip
OPTED_IN = {"consent": {"state": "opted_in", "source": "messenger", "at": "2026-01-05T08:00:00Z"}}


def message(sender: dict[str, Any], recipient: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "message_id": f"wamid.{next(NUMBERS)}",
        "sent_at": "2026-11-22T10:00:00Z",
        "sender": sender,
        "recipient_id": recipient,
        "message": body,
        **more,
    }


def promotion(sender_id: str, recipient: str, **context: Any) -> dict[str, Any]:
    return message({**SHOP, "id": sender_id}, recipient, PROMOTION, context=context or OPTED_IN)


def campaign(server: Server, sender_id: str, reports: int) -> dict[str, Any]:
    """40 people get a promotion, some report it; returns the decision on the next message, to somebody else."""
    ids = []
    for person in range(40):
        request = promotion(sender_id, f"{sender_id}_reader_{person}")
        assert server.score(**request)["action"] in ("allow", "label")
        ids.append(request["message_id"])
    for message_id in ids[:reports]:
        response = server.client.post("/v1/reports", json={"message_id": message_id, "reason": "spam"})
        assert response.status_code == 201, response.text
        assert response.json()["resolved"] is True
    return server.score(**promotion(sender_id, f"{sender_id}_reader_next"))


@pytest.fixture(scope="module", params=["fresh", "after kill -9"])
def living(request: pytest.FixtureRequest, server: Server) -> Server:
    if request.param == "after kill -9":
        server.restart()
    return server


def test_a_flight_delay_from_a_verified_airline_is_allowed(living: Server) -> None:
    decision = living.score(**message(AIRLINE, "u_9b1c", DELAY))
    assert decision["action"] == "allow", decision
    assert decision["score"] < 0.1


def test_parcel_fee_phishing_from_a_new_unverified_sender_is_blocked_with_reasons(living: Server) -> None:
    decision = living.score(**message({**STRANGER, "id": f"biz_paket_{next(NUMBERS)}"}, "u_9b1c", PHISHING))
    assert decision["action"] == "block", decision
    assert decision["categories"]["fraud"] > decision["categories"]["unsolicited"]
    assert len(decision["reasons"]) >= 3
    for reason in decision["reasons"]:
        assert reason["direction"] in ("raises", "lowers")
        assert len(reason["detail"].split()) >= 3


def test_a_promotion_is_allowed_only_to_those_who_opted_in(living: Server) -> None:
    agreed = living.score(**message(SHOP, "u_agreed", PROMOTION, context=OPTED_IN))
    assert agreed["action"] == "allow", agreed
    stranger = living.score(**message(SHOP, "u_stranger", PROMOTION))
    assert HARSHNESS[stranger["action"]] >= HARSHNESS["label"], stranger


def test_one_report_of_forty_changes_nothing_but_twelve_do(living: Server) -> None:
    mild = campaign(living, f"biz_mild_{next(NUMBERS)}", 1)
    assert HARSHNESS[mild["action"]] < HARSHNESS["review"], mild
    harsh_sender = f"biz_harsh_{next(NUMBERS)}"
    harsh = campaign(living, harsh_sender, 12)
    assert HARSHNESS[harsh["action"]] >= HARSHNESS["review"], harsh
    assert harsh["sender"]["quality_rating"] == "RED"
    living.restart()
    again = living.score(**promotion(harsh_sender, "somebody_new"))
    assert HARSHNESS[again["action"]] >= HARSHNESS["review"], again


def test_a_block_holds_at_once_for_that_person_and_for_nobody_else(living: Server) -> None:
    number = next(NUMBERS)
    blocker, other = f"u_blocker_{number}", f"u_other_{number}"
    response = living.client.put(f"/v1/recipients/{blocker}/blocks/{AIRLINE['id']}")
    assert response.status_code == 200
    assert response.json()["blocked"] is True
    for _ in range(2):
        blocked = living.score(**message(AIRLINE, blocker, DELAY))
        assert (blocked["action"], blocked["cause"]) == ("block", "recipient")
        assert living.score(**message(AIRLINE, other, DELAY))["action"] == "allow"
        living.restart()
    assert living.client.delete(f"/v1/recipients/{blocker}/blocks/{AIRLINE['id']}").json()["blocked"] is False
    assert living.score(**message(AIRLINE, blocker, DELAY))["action"] == "allow"
