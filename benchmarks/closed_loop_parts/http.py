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
from torwart.entities import Action, Case, Cause, Message, Sender
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
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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


def request_of(case: Case) -> dict[str, Any]:
    """A case as a score request."""
    request: dict[str, Any] = {
        "message_id": case.message_id,
        "sent_at": moment(case.sent_at_us),
        "sender": {"id": case.sender.id, **profile_of(case.sender)},
        "recipient_id": case.recipient_id,
        "message": message_of(case.message),
        "context": {},
    }
    consent, last_us = case.context.consent, case.context.last_user_message_at_us
    if consent is not None:
        request["context"]["consent"] = consent_of(consent.state, consent.source, consent.at_us)
    if last_us is not None:
        request["context"]["last_user_message_at"] = moment(last_us)
    return request


def message_of(message: Message) -> dict[str, Any]:
    """A message in the shapes of the WhatsApp Cloud API."""
    buttons = [
        {"type": one.type, "text": one.text, "url": one.url, "phone_number": one.phone_number}
        for one in message.buttons
    ]
    if message.template is None:
        if message.media:
            return {"type": "image", "image": {"id": message.media[0].hash, "caption": message.text}}
        if not buttons:
            return {"type": "text", "text": {"body": message.body}}
        replies = [{"type": "reply", "reply": {"id": one["text"], "title": one["text"]}} for one in buttons]
        body: dict[str, Any] = {"type": "button", "body": {"text": message.body}, "action": {"buttons": replies}}
        link = next((one for one in buttons if one["url"]), None)
        if link is not None:
            parameters = {"display_text": link["text"], "url": link["url"]}
            body |= {"type": "cta_url", "action": {"name": "cta_url", "parameters": parameters}}
        return {"type": "interactive", "interactive": body}
    components: list[dict[str, Any]] = [{"type": "BODY", "text": message.body}]
    if message.media:
        components.append({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [message.media[0].hash]}})
    if message.header:
        components.append({"type": "HEADER", "format": "TEXT", "text": message.header})
    if message.footer:
        components.append({"type": "FOOTER", "text": message.footer})
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {"type": "template", "template": {**msgspec.to_builtins(message.template), "components": components}}


def profile_of(sender: Sender) -> dict[str, Any]:
    """A profile as the API takes it."""
    times = {name: getattr(sender, f"{name}_us") for name in ("verified_at", "created_at")}
    profile = {
        "display_name": sender.display_name,
        "verification_status": sender.verification_status,
        "account_size": sender.account_size,
        "website": sender.website,
        **{name: moment(at_us) for name, at_us in times.items() if at_us is not None},
    }
    return {name: value for name, value in profile.items() if value is not None}


def event_of(body: Body, at_us: int) -> dict[str, Any]:
    """Anything that goes to ``/v1/events``."""
    event: dict[str, Any] = {name: value for name, value in msgspec.to_builtins(body).items() if value}
    if isinstance(body, ConsentChanged):
        consent = body.consent
        event["consent"] = consent_of(consent.state, consent.source, consent.at_us)
    return event | {"at": moment(at_us)}


def consent_of(state: str, source: str, at_us: int | None) -> dict[str, Any]:
    """A consent as the API takes it."""
    at = {} if at_us is None else {"at": moment(at_us)}
    return {"state": state, "source": source, **at}


def _now_us() -> int:
    return time.time_ns() // 1000


def moment(at_us: int) -> str:
    """A time in RFC 3339."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat()


def text_of(found: dict[str, Any]) -> str:
    """Both sides, as plain text."""
    ways = ("over_http", "hurried", "in_process")
    rows = [(name.replace("_", " "), *(str(found[way][name]) for way in ways)) for name in FIGURES]
    title = f"One day through a real server ({found['requests']:,} requests in {found['seconds']:.0f} s); simulated"
    return table(title, ("", "over HTTP", "in process, as fast", "in process"), rows)
