"""Every path answers errors as problems, takes only keys that may, and scores whatever the wire format holds."""

import json
import re
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.system.running import PROGRAM, Server

REQUEST: dict[str, Any] = {
    "message_id": "m1",
    "sent_at": "2026-11-22T10:00:00Z",
    "sender": {"id": "biz"},
    "recipient_id": "u",
    "message": {"type": "text", "text": {"body": "Hello"}},
    "dry_run": True,
}


def key_with(server: Server, *scopes: str) -> str:
    arguments = [PROGRAM, "keys", "create", "--data", str(server.data), "--name", "test", "--json"]
    for scope in scopes:
        arguments += ["--scope", scope]
    time.sleep(1.1)  # a running server reads its keys at most once a second
    return str(json.loads(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)["key"])


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert len(problem["detail"]) > 10
    return problem


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("GET", "/v1/nowhere", None, 404, "not_found"),
        ("GET", "/v1/score", None, 405, "method_not_allowed"),
        ("PATCH", "/v1/reports", None, 405, "method_not_allowed"),
        ("POST", "/v1/score", b"{", 400, "invalid_json"),
        ("POST", "/v1/score", b"", 400, "invalid_json"),
        ("POST", "/v1/score", b"\xff\xfe", 400, "invalid_json"),
        ("POST", "/v1/score", b'{"message_id": NaN}', 400, "invalid_json"),
        ("POST", "/v1/score", b"[]", 422, "invalid_request"),
        ("POST", "/v1/score", b"[" * 100_000, 422, "invalid_request"),
        ("POST", "/v1/score/batch", b'{"items": []}', 422, "invalid_request"),
        ("POST", "/v1/score/batch", b"{}", 422, "invalid_request"),
        ("POST", "/v1/reports", b"{}", 422, "invalid_request"),
        ("POST", "/v1/reports", b"nonsense", 400, "invalid_json"),
        ("POST", "/v1/events", b'{"events": [{"type": "unheard-of"}]}', 422, "invalid_request"),
        ("GET", "/v1/decisions/dec_00000000000001", None, 404, "decision_unknown"),
        ("GET", "/v1/decisions/nonsense", None, 404, "decision_unknown"),
        ("GET", "/v1/senders/nobody", None, 404, "sender_unknown"),
        ("GET", "/v1/templates/none", None, 404, "template_unknown"),
        ("PUT", "/v1/senders/" + "x" * 300, b"{}", 422, "invalid_request"),
        ("POST", "/v1/score", b" " * ((1 << 20) + 1), 413, "too_large"),
        ("POST", "/v1/reports", b" " * ((1 << 20) + 1), 413, "too_large"),
    ],
)
def test_errors_are_problems_on_every_path(
    server: Server, method: str, path: str, content: bytes | None, status: int, code: str
) -> None:
    assert_problem(server.client.request(method, path, content=content), status, code)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"message_id": ""}, "/message_id"),
        ({"message_id": "x" * 257}, "/message_id"),
        ({"sent_at": "yesterday"}, "/sent_at"),
        ({"sent_at": "2026-11-22T10:00:00"}, "/sent_at"),
        ({"sent_at": "0001-01-01T00:00:00Z"}, "/sent_at"),
        ({"sender": {}}, "/sender/id"),
        ({"sender": {"id": 5}}, "/sender/id"),
        ({"message": {"type": "text", "text": {"body": 5}}}, "/message/text/body"),
        ({"message": "hello"}, "/message"),
        ({"context": {"consent": {"state": 1}}}, "/context/consent/state"),
    ],
)
def test_a_wrong_field_is_named(server: Server, change: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(server.client.post("/v1/score", json={**REQUEST, **change}), 422, "invalid_request")
    assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("path", "body", "pointer", "right"),
    [
        ("/v1/events", {"events": [{"type": "unheard-of"}]}, "/events/0/type", "delivery, read, reply"),
        ("/v1/events", {"events": [{"type": "label", "message_id": "m", "label": "spam", "by": "audit"}]},
         "/events/0/label", "wanted, unsolicited, fraud"),
        ("/v1/decisions/dec_00000000000001/review", {"outcome": "forget"}, "/outcome", "release, reject"),
    ],
)  # fmt: skip
def test_where_only_certain_values_are_right_they_are_listed(
    server: Server, path: str, body: dict[str, Any], pointer: str, right: str
) -> None:
    (error,) = assert_problem(server.client.post(path, json=body), 422, "invalid_request")["errors"]
    assert error["pointer"] == pointer
    assert f"one of {right}" in error["detail"]


def test_missing_fields_unknown_fields_and_lone_surrogates(server: Server) -> None:
    for name in ("message_id", "sent_at", "sender", "recipient_id", "message"):
        body = {key: value for key, value in REQUEST.items() if key != name}
        assert_problem(server.client.post("/v1/score", json=body), 422, "invalid_request")
    assert server.client.post("/v1/score", json={**REQUEST, "new_field": [1]}).status_code == 200
    surrogate = json.dumps(REQUEST).replace("Hello", "\\ud800").encode()
    assert server.client.post("/v1/score", content=surrogate).status_code in (200, 400)
    assert server.client.post("/v1/score", json={**REQUEST, "sent_at": "2031-01-01T00:00:00Z"}).status_code == 200


def test_keys_open_only_what_their_scopes_name(server: Server) -> None:
    for headers in ({}, {"X-API-Key": "torwart_wrong"}, {"X-API-Key": ""}):
        for method, path in (("POST", "/v1/score"), ("GET", "/v1/model"), ("POST", "/v1/reports")):
            response = server.client.request(method, path, headers={"X-API-Key": "", **headers})
            assert_problem(response, 401, "unknown_key" if headers.get("X-API-Key") else "missing_key")
    key = {"X-API-Key": key_with(server, "feedback")}
    assert_problem(server.client.post("/v1/score", json=REQUEST, headers=key), 403, "missing_scope")
    assert_problem(server.client.get("/v1/model", headers=key), 403, "missing_scope")
    report = {"sender_id": "biz", "recipient_id": "u"}
    assert server.client.post("/v1/reports", json=report, headers=key).status_code == 201
    label = {"events": [{"type": "label", "message_id": "m", "label": "fraud", "by": "audit"}]}
    assert_problem(server.client.post("/v1/events", json=label, headers=key), 403, "missing_scope")
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"):
        assert server.client.get(path, headers={"X-API-Key": ""}).status_code == 200


def test_a_revoked_key_ends_within_a_second(server: Server) -> None:
    key = key_with(server, "read")
    assert server.client.get("/v1/model", headers={"X-API-Key": key}).status_code == 200
    listed = subprocess.run(
        [PROGRAM, "keys", "list", "--data", str(server.data), "--json"], capture_output=True, text=True, check=True
    ).stdout
    assert key not in listed
    newest = max((json.loads(line) for line in listed.splitlines()), key=lambda entry: entry["created_at"])
    subprocess.run([PROGRAM, "keys", "revoke", "--data", str(server.data), newest["id"]], check=True)
    time.sleep(1.2)
    assert_problem(server.client.get("/v1/model", headers={"X-API-Key": key}), 401, "unknown_key")


def test_the_database_holds_no_key(server: Server) -> None:
    secret = server.key.removeprefix("torwart_").encode()
    for file in Path(server.data).iterdir():
        assert secret not in file.read_bytes()


PAYLOADS = sorted(Path(__file__).parents[1].glob("torwart/payloads/*.json"))


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_the_real_wire_format_scores(server: Server, path: Path) -> None:
    payloads = json.loads(path.read_text("utf-8"))
    values = payloads.values() if isinstance(payloads, dict) else payloads
    for index, payload in enumerate(values):
        body = {**REQUEST, "message_id": f"{path.stem}-{index}", "message": payload, "dry_run": False}
        response = server.client.post("/v1/score", json=body)
        if isinstance(payload, dict) and ("entry" in payload):
            assert response.status_code in (200, 422)
        else:
            assert response.status_code == 200, (payload, response.text)


def test_a_withheld_text_is_scored_and_says_so(server: Server) -> None:
    decision = server.client.post("/v1/score", json={**REQUEST, "message": None}).json()
    assert decision["action"] in ("allow", "label", "throttle", "review", "block")


def test_a_template_is_stored_and_resolves_what_names_it(server: Server) -> None:
    definition = {
        "name": "parcel_fee",
        "language": "en",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Pay the customs fee of {{1}} at https://dhl-fee.top/{{2}} today."}],
    }
    assert server.client.put("/v1/templates/t1", json=definition).status_code == 201
    assert server.client.put("/v1/templates/t1", json=definition).status_code == 200
    assert server.client.get("/v1/templates/t1").json()["definition"]["components"] == definition["components"]
    send = {
        "type": "template",
        "template": {
            "name": "parcel_fee",
            "language": {"code": "en"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "2.99"},
                                                           {"type": "text", "text": "claim"}]}],
        },
    }  # fmt: skip
    resolved = server.score(**{**REQUEST, "message": send})
    bare = server.score(**{**REQUEST, "message": {**send, "template": {**send["template"], "name": "other"}}})
    assert resolved["score"] >= bare["score"]
    assert any(reason["code"].startswith("link") for reason in resolved["reasons"])
    assert not any(reason["code"].startswith("link") for reason in bare["reasons"])
    wrong = server.client.put("/v1/templates/t2", json={**definition, "components": [{"type": "BODY", "text": 5}]})
    assert_problem(wrong, 422, "invalid_request")


def test_a_held_message_is_released_or_rejected_once(start_server: Any, tmp_path: Path) -> None:
    policy = Path("torwart/policy.toml").read_text("utf-8").replace('UNKNOWN = "allow"', 'UNKNOWN = "review"')
    file = tmp_path / "policy.toml"
    file.write_text(policy, "utf-8")
    server: Server = start_server("--policy", str(file))
    held = [server.score(**{**REQUEST, "message_id": f"h{i}", "dry_run": False}) for i in range(2)]
    for decision in held:
        assert decision["action"] == "review"
        assert decision["hold_until"] is not None
    path = f"/v1/decisions/{held[0]['decision_id']}"
    assert server.client.get(path).json()["review"]["state"] == "held"
    released = server.client.post(path + "/review", json={"outcome": "release", "note": "fine"})
    assert released.json()["review"]["state"] == "released"
    server.restart()
    assert server.client.get(path).json()["review"]["state"] == "released"
    assert_problem(server.client.post(path + "/review", json={"outcome": "reject"}), 409, "already_decided")
    rejected = server.client.post(f"/v1/decisions/{held[1]['decision_id']}/review", json={"outcome": "reject"})
    assert rejected.json()["review"]["state"] == "rejected"


def test_a_message_is_slowed_down_once(start_server: Any, tmp_path: Path) -> None:
    wait_s = 2
    policy = Path("torwart/policy.toml").read_text("utf-8")
    for action in ("allow", "label", "throttle", "review", "block"):
        cost = int(action != "throttle")
        costs = f"{action} = {{ wanted = {cost}, unsolicited = {cost}, fraud = {cost} }}"
        policy = re.sub(rf"^{action} += {{.*", costs, policy, flags=re.MULTILINE)
    file = tmp_path / "policy.toml"
    file.write_text(policy.replace("retry_after_s = 900", f"retry_after_s = {wait_s}"), "utf-8")
    server: Server = start_server("--policy", str(file))

    def send(number: int) -> dict[str, Any]:
        sent_at = datetime.now(UTC).isoformat()
        return server.score(**{**REQUEST, "message_id": f"slow-{number}", "sent_at": sent_at, "dry_run": False})

    first = send(1)
    assert (first["action"], first["retry_after_s"]) == ("throttle", wait_s)
    assert send(2)["action"] == "throttle"  # too soon
    time.sleep(wait_s + 0.1)
    server.restart()
    assert send(3)["action"] == "allow"


def test_a_message_that_was_not_held_cannot_be_reviewed(server: Server) -> None:
    decision = server.score(**{**REQUEST, "message_id": "not-held", "dry_run": False})
    if decision["action"] != "review":
        response = server.client.post(f"/v1/decisions/{decision['decision_id']}/review", json={"outcome": "reject"})
        assert_problem(response, 409, "not_held")


def test_enforcements_bind_until_lifted(server: Server) -> None:
    def tell(measure: str, **more: Any) -> None:
        event = {"type": "enforcement", "sender_id": "biz_e", "measure": measure, "cause": "test", **more}
        assert server.client.post("/v1/events", json={"events": [event]}).status_code == 202

    def ask() -> dict[str, Any]:
        return server.score(**{**REQUEST, "sender": {"id": "biz_e"}})

    tell("suspension")
    assert (ask()["action"], ask()["cause"], ask()["sender"]["can_send_message"]) == ("block", "enforcement", "BLOCKED")
    tell("none")
    assert ask()["cause"] != "enforcement"
    tell("suspension", until="2020-01-01T00:00:00Z")
    assert ask()["cause"] != "enforcement"


def test_an_older_profile_does_not_undo_a_newer_one(server: Server) -> None:
    new = {"display_name": "New", "verification_status": "verified", "updated_at": "2026-11-02T00:00:00Z"}
    old = {"display_name": "Old", "updated_at": "2026-11-01T00:00:00Z"}
    assert server.client.put("/v1/senders/biz_p", json=new).status_code == 201
    assert_problem(server.client.put("/v1/senders/biz_p", json=old), 409, "stale_update")
    assert server.client.get("/v1/senders/biz_p").json()["display_name"] == "New"


def test_recorded_consent_serves_messages_that_come_without_one(server: Server) -> None:
    promotion = {
        "type": "template",
        "template": {"name": "p", "language": "en", "category": "MARKETING",
                     "components": [{"type": "BODY", "text": "Autumn sale: 30 % off everything until Sunday!"}]},
    }  # fmt: skip
    body = {**REQUEST, "sender": {"id": "biz_c"}, "recipient_id": "u_c", "message": promotion}
    before = server.score(**body)["score"]
    consent = {"type": "consent", "sender_id": "biz_c", "recipient_id": "u_c", "consent": {
        "state": "opted_in", "source": "messenger", "at": "2026-01-01T00:00:00Z"}}  # fmt: skip
    assert server.client.post("/v1/events", json={"events": [consent]}).status_code == 202
    assert server.score(**body)["score"] < before
    stop = {"type": "preference", "sender_id": "biz_c", "recipient_id": "u_c", "value": "stop"}
    assert server.client.post("/v1/events", json={"events": [stop]}).status_code == 202
    stopped = server.score(**body)
    assert (stopped["action"], stopped["cause"]) == ("block", "recipient")


def test_a_batch_of_events_is_stored_whole_or_not_at_all(server: Server) -> None:
    seq = server.client.get("/healthz").json()["seq"]
    good = {"type": "reply", "sender_id": "biz", "recipient_id": "u"}
    wrong = {"type": "reply", "sender_id": "biz", "recipient_id": "u", "at": "0001-01-01T00:00:00Z"}
    problem = assert_problem(server.client.post("/v1/events", json={"events": [good, wrong]}), 422, "invalid_request")
    assert problem["errors"][0]["pointer"] == "/events/1/at"
    assert server.client.get("/healthz").json()["seq"] == seq


def test_a_caller_that_hangs_up_hurts_nobody(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = f"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-API-Key: {server.key}\r\n\r\n{{"
        connection.sendall(head.encode())
    assert server.client.get("/healthz").status_code == 200


def test_metrics_count_what_was_decided(server: Server) -> None:
    def allowed() -> float:
        for line in server.client.get("/metrics").text.splitlines():
            if line.startswith('torwart_decisions_total{action="block",cause="recipient"}'):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    before = allowed()
    server.client.put("/v1/recipients/u_m/blocks/biz_m")
    counted = {"message_id": "metrics", "sender": {"id": "biz_m"}, "recipient_id": "u_m", "dry_run": False}
    server.score(**{**REQUEST, **counted})
    assert allowed() == before + 1


def test_the_model_in_use_is_told(server: Server) -> None:
    model = server.client.get("/v1/model").json()
    assert model["name"] == "torwart"
    assert model["features"] > 50
    assert len(model["catalogue_hash"]) == 64
