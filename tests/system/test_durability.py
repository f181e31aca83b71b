"""What was acknowledged survives kill -9; what was not leaves no half; two workers are one service."""

import itertools
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest

from tests.system.running import Server
from torwart import Detector
from torwart.entities import Case
from torwart.events import MessageScored, decode_body
from torwart.features.rows import unpack
from torwart.features.state import FoldState

NUMBERS = itertools.count()
TEXTS = (
    "Your parcel arrives today between 2 and 4 pm.",
    "WIN a new phone now!!! https://prize-claim.top/x",
    "Ihr Code lautet 492 113. Geben Sie ihn niemandem weiter.",
    "Sale: 30 % off all shoes until Sunday https://shoes.example.com/sale",
)


def request(sender: str = "biz", recipient: str = "u", text: str = TEXTS[0], **more: Any) -> dict[str, Any]:
    return {
        "message_id": f"m{next(NUMBERS)}",
        "sent_at": "2026-11-22T10:00:00Z",
        "sender": {"id": sender},
        "recipient_id": recipient,
        "message": {"type": "text", "text": {"body": text}},
        **more,
    }


def test_every_acknowledged_change_survives_kill_9(server: Server) -> None:
    client = server.client
    client.put("/v1/senders/biz_k", json={"display_name": "K", "verification_status": "verified"})
    for _ in range(5):
        body = request("biz_k", "u_k")
        decision = server.score(**body)
        person = f"u_{next(NUMBERS)}"
        assert client.put(f"/v1/recipients/{person}/blocks/biz_k").status_code == 200
        report = client.post("/v1/reports", json={"message_id": body["message_id"]})
        assert report.status_code == 201
        server.restart()
        stored = client.get(f"/v1/decisions/{decision['decision_id']}").json()
        assert {key: stored[key] for key in decision} == decision
        assert client.get(f"/v1/recipients/{person}/blocks/biz_k").json()["blocked"] is True
        assert client.get("/v1/senders/biz_k").json()["verification_status"] == "verified"
        repeated = server.score(**body)
        assert repeated.pop("status") == "repeated"
        decision.pop("status")
        assert repeated == decision


def test_killing_in_the_middle_of_traffic_loses_nothing_that_was_answered(server: Server) -> None:
    answered: list[dict[str, Any]] = []
    stop = threading.Event()

    def traffic() -> None:
        with httpx.Client(base_url=server.url, headers={"X-API-Key": server.key}) as client:
            while not stop.is_set():
                try:
                    response = client.post("/v1/score", json=request("biz_t", f"u{next(NUMBERS)}"))
                except httpx.TransportError:
                    return
                answered.append(response.json())

    threads = [threading.Thread(target=traffic) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(answered) < 200:
        stop.wait(0.01)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()
    server.start()
    for decision in answered:
        stored = server.client.get(f"/v1/decisions/{decision['decision_id']}")
        assert stored.status_code == 200
        assert stored.json()["message_id"] == decision["message_id"]


def test_a_retry_with_the_same_key_changes_nothing(server: Server) -> None:
    report = {"sender_id": "biz_i", "recipient_id": "u_i", "reason": "spam"}
    headers = {"Idempotency-Key": "once"}
    first = server.client.post("/v1/reports", json=report, headers=headers)
    server.restart()
    second = server.client.post("/v1/reports", json=report, headers=headers)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    other = server.client.post("/v1/reports", json={**report, "reason": "else"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_key_reused"


def test_another_body_under_a_message_id_is_refused_and_a_dry_run_leaves_no_trace(server: Server) -> None:
    body = request()
    dry = server.score(**body, dry_run=True)
    assert (dry["status"], dry["decision_id"]) == ("dry_run", None)
    assert server.score(**body)["status"] == "new"
    assert server.score(**body)["status"] == "repeated"
    conflict = server.client.post("/v1/score", json={**body, "recipient_id": "u_other"})
    assert conflict.status_code == 409
    assert conflict.json()["code"] == "message_id_reused"


def test_in_a_batch_each_item_sees_the_ones_before_it_and_a_wrong_one_stops_nobody(server: Server) -> None:
    items = [request("biz_b", f"u{i}") for i in range(120)]
    items[7] = {**items[7], "message": {"type": "text", "text": {"body": 5}}}
    items[9] = items[8]
    answer = server.client.post("/v1/score/batch", json={"items": items})
    assert answer.status_code == 200
    results = answer.json()["items"]
    assert len(results) == 120
    assert results[7]["status"] == 422
    assert results[7]["errors"][0]["pointer"] == "/message/text/body"
    assert results[9]["status"] == "repeated"
    assert results[9]["decision_id"] == results[8]["decision_id"]
    places = [result["as_of_seq"] for i, result in enumerate(results) if i not in (7, 9)]
    assert places == list(range(places[0], places[0] + len(places)))


@pytest.fixture(scope="module")
def pair(start_server: Callable[..., Server]) -> Server:
    return start_server("--workers", "2")


def fresh(server: Server) -> httpx.Client:
    """A client on a connection of its own, so that the next request may reach the other worker."""
    return httpx.Client(base_url=server.url, headers={"X-API-Key": server.key}, timeout=30)


def test_two_workers_know_at_once_what_either_was_told(pair: Server) -> None:
    for index in range(40):
        with fresh(pair) as one, fresh(pair) as two:
            assert one.put(f"/v1/recipients/u{index}/blocks/biz_w").status_code == 200
            decision = two.post("/v1/score", json=request("biz_w", f"u{index}")).json()
            assert (decision["action"], decision["cause"]) == ("block", "recipient")
            assert one.delete(f"/v1/recipients/u{index}/blocks/biz_w").status_code == 200
            assert two.post("/v1/score", json=request("biz_w", f"u{index}")).json()["cause"] != "recipient"


def test_two_workers_score_one_message_once(pair: Server) -> None:
    def once(body: dict[str, Any]) -> dict[str, Any]:
        with fresh(pair) as client:
            return client.post("/v1/score", json=body).json()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            answers = list(pool.map(once, [request("biz_o")] * 8))
            assert len({answer["decision_id"] for answer in answers}) == 1
            assert sorted(answer["status"] for answer in answers) == ["new"] + ["repeated"] * 7


def test_what_two_workers_decided_is_what_a_replay_of_the_log_decides(pair: Server) -> None:
    """Online equals offline: the log alone gives every decision's features and scores again."""

    def traffic(seed: int) -> None:
        rng = np.random.default_rng(seed)
        with fresh(pair) as client:
            client.put(f"/v1/senders/biz_{seed}", json={"verification_status": "pending", "display_name": "Paket"})
            for _ in range(60):
                sender, person = f"biz_{rng.integers(4)}", f"u_{rng.integers(12)}"
                body = request(sender, person, TEXTS[rng.integers(len(TEXTS))])
                assert client.post("/v1/score", json=body).status_code == 200
                match rng.integers(5):
                    case 0:
                        client.post("/v1/reports", json={"message_id": body["message_id"]})
                    case 1:
                        client.put(f"/v1/recipients/{person}/blocks/{sender}")
                    case 2:
                        reply = {"type": "reply", "sender_id": sender, "recipient_id": person}
                        stop = {"type": "preference", "sender_id": sender, "recipient_id": person, "value": "stop"}
                        client.post("/v1/events", json={"events": [reply, stop]})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(traffic, range(4)))
    detector = Detector.load("models/champion")
    state = FoldState()
    replayed = 0
    database = sqlite3.connect(f"file:{pair.data}/torwart.db?mode=ro", uri=True)
    rows = database.execute("SELECT seq, received_at, fold, body FROM log ORDER BY seq").fetchall()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert all(before[1] <= after[1] for before, after in itertools.pairwise(rows))
    for seq, received_at, fold, body in rows:
        event = decode_body(body)
        if isinstance(event, MessageScored):
            case: Case = event.case
            prepared = detector.prepare(case, received_at)
            verdict = detector.judge(prepared, state.read(unpack(fold), prepared.last_user_message_us))
            assert event.decision is not None
            assert event.decision.as_of_seq == seq - 1
            assert event.decision.score == verdict.score
            assert event.decision.fraud_given_unwanted == verdict.fraud_given_unwanted
            replayed += 1
        state.advance(unpack(fold))
    assert replayed >= 240
