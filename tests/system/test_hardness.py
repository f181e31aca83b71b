"""What an attacker tried once and must not succeed with again."""

import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.system.running import PROGRAM, Server
from tests.system.test_http import REQUEST, assert_problem


def body(message_id: str, **more: Any) -> dict[str, Any]:
    return {**REQUEST, "message_id": message_id, "dry_run": False, **more}


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ('{"type":"text","text":{"body":"x"},"foo":18446744073709551616}', {200}),
        ('{"type":"text","text":{"body":"x"},"foo":1' + "0" * 400 + "}", {200, 400, 422}),
        ('{"type":"text","text":{"body":"x"},"foo":1e999}', {200, 400, 422}),
        ('{"type":"text","text":{"body":"x"},"foo":' + "[" * 980 + "]" * 980 + "}", {200, 422}),
        ('{"type":"text","text":{"body":"x"},"foo":' + '{"a":' * 990 + "1" + "}" * 990 + "}", {200, 422}),
    ],
    ids=["65 bits", "400 digits", "infinite", "nested lists", "nested objects"],
)
def test_odd_numbers_and_depths_are_answered(server: Server, text: str, statuses: set[int]) -> None:
    item = (
        '{"message_id":"odd","sent_at":"2026-11-22T10:00:00Z","sender":{"id":"a"},"recipient_id":"u","dry_run":true,'
        f'"message":{text}}}'
    )
    assert server.client.post("/v1/score", content=item).status_code in statuses
    batch = server.client.post("/v1/score/batch", content=f'{{"items":[{item},{item}]}}')
    assert batch.status_code in {200, *statuses}
    if batch.status_code == 200:
        assert len(batch.json()["items"]) == 2
    template = f'{{"name":"n","language":"en","components":[],"foo":{text}}}'
    assert server.client.put("/v1/templates/odd", content=template).status_code in {200, 201, 400, 422}


@pytest.mark.parametrize("identifier", ["biz/1", "a\x1fb", "a\x00b", "a\r\nb", "\ufffd"])
def test_ids_that_no_path_or_key_can_hold_are_refused(server: Server, identifier: str) -> None:
    for change in ({"sender": {"id": identifier}}, {"recipient_id": identifier}):
        assert_problem(server.client.post("/v1/score", json=body("i", **change)), 422, "invalid_request")
    report = {"sender_id": identifier, "recipient_id": "u"}
    assert_problem(server.client.post("/v1/reports", json=report), 422, "invalid_request")
    assert server.client.put("/v1/recipients/u/blocks/%FF").status_code == 422


def test_templates_resolve_alike_before_and_after_a_restart(server: Server) -> None:
    def put(identifier: str, name: str, text: str) -> None:
        definition = {
            "name": name,
            "language": "en",
            "category": "UTILITY",
            "components": [{"type": "BODY", "text": text}],
        }
        assert server.client.put(f"/v1/templates/{identifier}", json=definition).status_code in (200, 201)

    def score(name: str) -> float:
        template = {"name": name, "language": {"code": "en"}, "components": []}
        return float(server.score(**{**REQUEST, "message": {"type": "template", "template": template}})["score"])

    put("t1", "old name", "You won! Claim your prize at http://win.top/x")
    put("t1", "new name", "Your parcel arrives today.")
    put("zz", "twice", "You won! Claim your prize at http://win.top/x")
    put("aa", "twice", "Your parcel arrives today.")
    before = [score(name) for name in ("old name", "new name", "twice")]
    server.restart()
    assert [score(name) for name in ("old name", "new name", "twice")] == pytest.approx(before, abs=1e-3)
    assert score("twice") == pytest.approx(score("new name"), abs=1e-3)


def test_neither_one_person_nor_strangers_can_ruin_a_sender(server: Server) -> None:
    notice = {"type": "text", "text": {"body": "Your parcel arrives today between 2 and 4 pm."}}
    sender = {"id": "honest", "verification_status": "verified", "created_at": "2024-01-01T00:00:00Z"}
    for number in range(40):
        sent = body(f"ruin-{number}", sender=sender, recipient_id=f"reader{number}", message=notice)
        assert server.score(**sent)["action"] in ("allow", "label")
    for number in range(30):
        for method in ("PUT", "DELETE"):
            server.client.request(method, "/v1/recipients/reader0/blocks/honest")
        report = {"sender_id": "honest", "recipient_id": f"stranger{number}"}
        assert server.client.post("/v1/reports", json=report).status_code == 201
        server.client.put(f"/v1/recipients/stranger{number}/blocks/honest")
    assert server.client.put("/v1/senders/honest", json={}).json()["quality_rating"] == "GREEN"


def test_a_senders_claim_does_not_undo_what_the_messenger_recorded(server: Server) -> None:
    components = [{"type": "BODY", "text": "Autumn sale: 30 % off everything until Sunday!"}]
    template = {"name": "p", "language": "en", "category": "MARKETING", "components": components}
    promotion = {"type": "template", "template": template}

    def ask(**consent: str) -> dict[str, Any]:
        return server.score(
            **{**REQUEST, "sender": {"id": "shop"}, "recipient_id": "r", "message": promotion,
               "context": {"consent": consent}}
        )  # fmt: skip

    assert ask(state="opted_in", source="messenger")["action"] == "allow"
    assert ask(state="opted_in", source="messenger", category="UTILITY")["action"] != "allow"
    assert ask(state="opted_out", source="messenger", category="UTILITY")["cause"] != "recipient"
    event = {"type": "consent", "sender_id": "shop", "recipient_id": "r",
             "consent": {"state": "opted_out", "source": "messenger"}}  # fmt: skip
    assert server.client.post("/v1/events", json={"events": [event]}).status_code == 202
    for state in ("opted_in", "weird"):
        assert (ask(state=state, source="sender")["action"], ask(state=state)["cause"]) == ("block", "recipient")
    assert ask(state="opted_in", source="messenger")["action"] == "allow"


def test_paths_methods_and_names_have_no_back_doors(server: Server) -> None:
    assert_problem(server.client.post("/v1/reports/", json={}), 404, "not_found")
    assert server.client.options("/v1/recipients/u/blocks/s").headers["allow"] == "DELETE, GET, PUT"
    assert server.client.delete("/v1/senders/s").headers["allow"] == "GET, PUT"
    decision = server.score(**body("alias"))["decision_id"]
    assert server.client.get(f"/v1/decisions/{decision}").status_code == 200
    for alias in (decision.upper(), decision.replace("dec_", "dec_x_"), decision.replace("dec_", "rep_")):
        assert_problem(server.client.get(f"/v1/decisions/{alias}"), 404, "decision_unknown")
    assert server.client.put("/v1/senders/later", json={"updated_at": "2099-01-01T00:00:00Z"}).status_code == 201
    assert server.client.put("/v1/senders/later", json={"display_name": "Now"}).status_code == 200
    message = server.score(**body("theirs", sender={"id": "sA"}, recipient_id="uA"))["message_id"]
    reply = {"type": "reply", "sender_id": "sB", "recipient_id": "uB", "message_id": message}
    assert_problem(server.client.post("/v1/events", json={"events": [reply]}), 422, "invalid_request")


def test_an_upload_that_never_ends_does_not_keep_the_server_alive(start_server: Callable[..., Server]) -> None:
    server = start_server()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = f"PUT /v1/senders/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-API-Key: {server.key}\r\n\r\n{{"
        connection.sendall(head.encode())
        time.sleep(0.3)
        server.process.terminate()
        server.process.wait(15)


def test_workers_end_with_their_parent(start_server: Callable[..., Server]) -> None:
    server = start_server("--workers", "2")
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", server.port))
                return
            except OSError:
                time.sleep(0.2)
    raise AssertionError("the workers still hold the port")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--model", "nowhere"], "nowhere"),
        (["serve", "--policy", "pyproject.toml"], "pyproject.toml: the policy is incomplete"),
        (["serve", "--policy", "models/champion/text.npz"], "models/champion/text.npz"),
        (["serve", "--data", "pyproject.toml/var"], "pyproject.toml"),
        (["keys", "list", "--data", "nowhere"], "no database nowhere"),
        (["keys", "revoke", "--data", "nowhere", "key_x"], "no database nowhere"),
    ],
)
def test_a_wrong_start_is_one_sentence(arguments: list[str], said: str) -> None:
    run = subprocess.run([PROGRAM, *arguments, *(["--port", "0"] if arguments[0] == "serve" else [])],
                         capture_output=True, text=True, timeout=120)  # fmt: skip
    assert run.returncode in (1, 2)
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_a_taken_port_is_said_at_once(server: Server, tmp_path: Any) -> None:
    run = subprocess.run([PROGRAM, "serve", "--data", str(tmp_path / "new"), "--port", str(server.port)],
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    assert run.returncode == 1
    assert f"port {server.port}" in run.stderr
    assert not (tmp_path / "new").exists()
