"""One world through a real server: every message is scored, every event sent, over HTTP.

The server's clock is the wall's, so the world plays yesterday: what happened keeps its order and its distances, but
everything arrives now, a day's traffic within seconds. That alone makes senders look hasty, and their second tries come
too early; so the same functions are also asked in this process with the times at which the server was asked.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from torwart.detector import Detector
from torwart.entities import Action, Case, Cause
from torwart.events import (
    Blocked,
    Body,
    ConsentChanged,
    Delivered,
    Labelled,
    PreferenceChanged,
    Read,
    Record,
    Replied,
    Reported,
    SenderChanged,
    Unblocked,
)
from torwart.features.rows import unpack
from torwart.policy import Policy, Ruling
from training.loop.gates import Defence
from training.loop.keeper import Keeper
from training.loop.play import Play, Setting, played, run
from training.table import table

from .wire import event_of, moment, profile_of, request_of

PROGRAM: Final = str(Path(sys.executable).parent / "torwart")
SCOPES: Final = ("score", "feedback", "moderate")
RECIPIENTS: Final = 300
FIGURES: Final = (
    "wanted_sent",
    "wanted_blocked",
    "wanted_delayed",
    "unwanted_sent",
    "unwanted_delivered",
    "fraud_delivered",
)


class Server(Defence):
    """A gate that asks `torwart serve`."""

    reads_text = True

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client
        self.requests = 0
        self.asked_us: list[int] = []
        """When it was told of each event or asked about a message, by the wall's clock."""

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:  # noqa: ARG002
        """What the server answers; it was told of blocks as well."""
        self.asked_us.append(_now_us())
        answer = self._call("POST", "/v1/score", request_of(case))
        hold = answer["hold_until"]
        wait_us = (
            0 if hold is None else int((datetime.fromisoformat(hold) - datetime.now(UTC)) / timedelta(microseconds=1))
        )
        return Ruling(
            Action(answer["action"]),
            Cause(answer["cause"]),
            retry_after_s=answer["retry_after_s"],
            hold_until_us=record.received_at_us + wait_us if hold else None,
            hold_outcome="reject" if hold else None,
        )

    def follow(self, record: Record, body: Body) -> None:
        """Tell the server."""
        self.asked_us.append(_now_us())
        match body:
            case SenderChanged(sender):
                self._call("PUT", f"/v1/senders/{sender.id}", profile_of(sender))
            case Reported(sender_id, recipient_id, message_id, reason):
                named = (
                    {"message_id": message_id} if message_id else {"sender_id": sender_id, "recipient_id": recipient_id}
                )
                self._call("POST", "/v1/reports", {**named, "reason": reason, "reported_at": moment(record.at_us)})
            case Blocked(sender_id, recipient_id):
                path = f"/v1/recipients/{recipient_id}/blocks/{sender_id}"
                self._call("PUT", path, {"blocked_at": moment(record.at_us)})
            case Unblocked(sender_id, recipient_id):
                self._call("DELETE", f"/v1/recipients/{recipient_id}/blocks/{sender_id}", None)
            case Delivered() | Read() | Replied() | PreferenceChanged() | ConsentChanged() | Labelled():
                self._call("POST", "/v1/events", {"events": [event_of(body, record.at_us)]})
            case _:
                pass

    def _call(self, method: str, path: str, document: object) -> dict[str, Any]:
        self.requests += 1
        response = self._client.request(method, path, json=document)
        if response.is_error:
            raise RuntimeError(f"{method} {path} was answered with {response.status_code}: {response.text}")
        answer: dict[str, Any] = response.json()
        return answer


class Hurried(Keeper):
    """The same functions in this process, by the clock by which the server was asked."""

    def __init__(self, detector: Detector, policy: Policy, asked_us: Iterable[int]) -> None:
        super().__init__(detector, policy)
        self._asked_us = iter(asked_us)
        self._now_us = 0

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:
        """What the server should have answered."""
        hurried = self._hurried(record)
        ruling = super().judge(case, hurried, blocked=blocked)
        if ruling.hold_until_us is None:
            return ruling
        late_us = hurried.received_at_us - record.received_at_us
        return ruling._replace(hold_until_us=ruling.hold_until_us - late_us)

    def follow(self, record: Record, body: Body) -> None:
        """Note what happens, when the server was told of it."""
        super().follow(self._hurried(record), body)

    def _hurried(self, record: Record) -> Record:
        self._now_us = next(self._asked_us, self._now_us)
        row = unpack(record.fold).copy()
        row["received_at"] = self._now_us
        return msgspec.structs.replace(record, received_at_us=self._now_us, fold=row.tobytes())


def measure(first: Setting) -> dict[str, Any]:
    """Yesterday through the server, then in this process: by the same clock, and by the world's own."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    setting = msgspec.structs.replace(first, days=1, recipients=RECIPIENTS, start=yesterday)
    before = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        process, client = start(Path(folder), setting.model)
        try:
            gate = Server(client)
            over_http = run(setting, gate)
        finally:
            client.close()
            process.terminate()
            process.wait(20)
    seconds = time.perf_counter() - before
    detector = Detector.load(setting.model)
    hurried = run(setting, Hurried(detector, Policy.default(), gate.asked_us))
    within = played(setting, Play("torwart"))
    return {
        "requests": gate.requests,
        "seconds": seconds,
        "over_http": msgspec.to_builtins(over_http),
        "hurried": msgspec.to_builtins(hurried),
        "in_process": msgspec.to_builtins(within),
    }


def start(folder: Path, model: Path) -> tuple[subprocess.Popen[bytes], httpx.Client]:
    """A server with an empty log, and a client with a key for it, once it is ready."""
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    command = [PROGRAM, "keys", "create", "--data", str(folder), "--name", "loop", *scopes, "--json"]
    created = subprocess.run(command, capture_output=True, text=True, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = [PROGRAM, "serve", "--data", str(folder), "--port", str(port), "--model", str(model)]
    process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, env=os.environ.copy())
    headers = {"X-API-Key": json.loads(created.stdout)["key"]}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)
    for _ in range(1200):
        try:
            if client.get("/readyz").status_code == 200:
                return process, client
        except httpx.TransportError:
            time.sleep(0.1)
    process.terminate()
    raise RuntimeError("the server did not become ready within two minutes")


def _now_us() -> int:
    return time.time_ns() // 1000


def text_of(found: dict[str, Any]) -> str:
    """Both sides, as plain text."""
    ways = ("over_http", "hurried", "in_process")
    rows = [(name.replace("_", " "), *(str(found[way][name]) for way in ways)) for name in FIGURES]
    title = f"One day through a real server ({found['requests']:,} requests in {found['seconds']:.0f} s); simulated"
    return table(title, ("", "over HTTP", "in process, as fast", "in process"), rows)
