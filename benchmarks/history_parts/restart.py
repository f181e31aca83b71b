"""Table e: how long ``torwart serve`` takes until /readyz answers, on a database of 30 days, with a snapshot of the
state and without; and on an empty one, which is what the program itself takes."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, Final, NamedTuple

from tqdm.auto import tqdm

from serving import registers
from serving.log import Log
from serving.service import DATABASE
from serving.snapshots import path_of
from torwart.entities import (
    Action,
    Case,
    Cause,
    Consent,
    ConsentState,
    Context,
    Message,
    Reason,
    Sender,
    TemplateRef,
    VerificationStatus,
)
from torwart.events import Blocked, Body, Decision, MessageScored, Replied, Reported, SenderChanged
from torwart.features.records import record_of
from torwart.features.rows import MESSAGE, NO_CAMPAIGNS, REPLY, REPORT
from training.table import table

from ..output import spread
from .batch import SEED
from .made_up import START_US, made_up
from .process import alone

MESSAGES: Final = 1_000_000
SENDERS: Final = 50_000
_IN_ONE_TRANSACTION: Final = 20_000
_READY_WITHIN_S: Final = 300.0
_LOOK_EVERY_S: Final = 0.02
_STOPS_WITHIN_S: Final = 30.0

EMPTY: Final = "an empty database"
REPLAYED: Final = "30 days, no snapshot"
RESUMED: Final = "30 days, a snapshot"


class NotReadyError(RuntimeError):
    """The server ended, or did not become ready."""


class Start(NamedTuple):
    """Seconds until the server was ready, by the wall's clock and its processor's."""

    seconds: float
    cpu_seconds: float


def measure(messages: int, senders: int, rounds: int) -> dict[str, Any]:
    """Seconds until the server is ready in each case, which take turns. Raises :class:`NotReadyError`."""
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Path(folder) / "empty", Path(folder) / "full"
        starts: dict[str, list[Start]] = {EMPTY: [], REPLAYED: [], RESUMED: []}
        ready_after(empty)  # compiles, and makes the empty database's first key
        events = alone(write_database, full, messages, senders)
        ready_after(full)
        snapshot, away = path_of(full / DATABASE), Path(folder) / "snapshot"
        before = time.perf_counter()
        subprocess.run([_program(), "snapshot", "--data", str(full)], check=True, stdout=subprocess.DEVNULL)
        taken = time.perf_counter() - before
        for _ in tqdm(range(rounds), "Restarts", unit="rounds", disable=None):
            starts[EMPTY].append(ready_after(empty))
            starts[RESUMED].append(ready_after(full))
            snapshot.rename(away)
            starts[REPLAYED].append(ready_after(full))
            away.rename(snapshot)
        return {
            "events": events,
            "senders": senders,
            "rounds": rounds,
            "seconds": {name: spread([one.seconds for one in found]) for name, found in starts.items()},
            "cpu_seconds": {name: spread([one.cpu_seconds for one in found]) for name, found in starts.items()},
            "taking_the_snapshot": taken,
            "database_mib": (full / DATABASE).stat().st_size / 2**20,
            "snapshot_mib": snapshot.stat().st_size / 2**20,
        }


def text_of(found: dict[str, Any]) -> str:
    """The table as plain text."""
    rows = [
        (
            name,
            f"{one['median']:.2f}",
            f"{one['least']:.2f} to {one['most']:.2f}",
            f"{found['cpu_seconds'][name]['median']:.2f}",
        )
        for name, one in found["seconds"].items()
    ]
    title = (
        f"(e) `torwart serve` until it is ready: {found['events']:,} events, {found['senders']:,} senders; medians of "
        f"{found['rounds']}"
    )
    return (
        f"{table(title, ('start on', 'seconds', 'range', 'CPU s'), rows)}\n"
        f"The database has {found['database_mib']:,.0f} MiB, its snapshot {found['snapshot_mib']:,.0f} MiB; taking it "
        f"took {found['taking_the_snapshot']:.1f} s."
    )


def ready_after(folder: Path) -> Start:
    """Start the server on the database in ``folder``, end it, and say when it was ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = time.perf_counter()
    command = [_program(), "serve", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            while time.perf_counter() - before < _READY_WITHIN_S:
                if server.poll() is not None:
                    assert server.stderr is not None
                    said = server.stderr.read().strip().rpartition("\n")[2].rstrip(".")
                    raise NotReadyError(f"`torwart serve` ended: {said}")
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=_READY_WITHIN_S).close()
                    return Start(time.perf_counter() - before, _cpu_seconds(server.pid))
                except OSError:
                    time.sleep(_LOOK_EVERY_S)
            raise NotReadyError(f"`torwart serve` was not ready within {_READY_WITHIN_S:.0f} s")
        finally:
            server.terminate()
            server.wait(_STOPS_WITHIN_S)


def write_database(folder: Path, messages: int, senders: int) -> int:
    """Write every sender's profile and a made-up log into a new database; returns how many events it has."""
    log = Log(folder / DATABASE)
    profiles = [
        Sender(id=f"biz_{number}", verification_status=VerificationStatus.VERIFIED) for number in range(senders)
    ]
    made = made_up(messages, senders, SEED)
    numbers = zip(made.sender.tolist(), made.recipient.tolist(), made.message.tolist(), strict=True)
    seq = 0
    log.begin()
    for profile in profiles:
        seq += 1
        _write(log, SenderChanged(profile), seq, START_US, START_US)
    for row, (sender, recipient, message) in zip(made.rows, numbers, strict=True):
        seq += 1
        received_us, at_us, kind = int(row["received_at"]), int(row["at"]), int(row["kind"])
        body = _body(kind, profiles[sender], f"u_{recipient}", f"m_{message}", at_us, seq)
        _write(log, body, seq, received_us, at_us, tuple(row["campaigns"].tolist()))
        if seq % _IN_ONE_TRANSACTION == 0:
            log.commit()
            log.begin()
    log.commit()
    log.close()
    return seq


def _write(
    log: Log, body: Body, seq: int, received_us: int, at_us: int, campaigns: tuple[int, ...] = NO_CAMPAIGNS
) -> None:
    record = record_of(body, seq=seq, received_at_us=received_us, at_us=at_us, campaigns=campaigns)
    log.append([record])
    registers.write(log, body, record)


def _body(kind: int, sender: Sender, recipient_id: str, message_id: str, at_us: int, seq: int) -> Body:
    if kind == MESSAGE:
        return MessageScored(_case(sender, recipient_id, message_id, at_us), _decision(seq), f"{seq:064x}")
    if kind == REPLY:
        return Replied(sender.id, recipient_id, message_id)
    if kind == REPORT:
        return Reported(sender.id, recipient_id, message_id)
    return Blocked(sender.id, recipient_id)


def _case(sender: Sender, recipient_id: str, message_id: str, at_us: int) -> Case:
    return Case(
        message_id=message_id,
        sent_at_us=at_us,
        sender=sender,
        recipient_id=recipient_id,
        message=Message(
            type="template",
            body="Your parcel 4711 arrives tomorrow between 9 and 12. Follow it on https://parcels.example/4711",
            links=("https://parcels.example/4711",),
            template=TemplateRef(id="5944", name="parcel", language="en", category="UTILITY"),
        ),
        context=Context(consent=Consent(state=ConsentState.OPTED_IN, at_us=START_US)),
    )


def _decision(seq: int) -> Decision:
    return Decision(
        decision_id=f"dec_{seq:014x}",
        score=0.004,
        fraud_given_unwanted=0.25,
        action=Action.ALLOW,
        cause=Cause.MODEL,
        reasons=(Reason("sender_verified", "lowers", -1.2, "The sender is verified"),),
        model_version="1",
        policy_version="1",
        as_of_seq=seq - 1,
    )


def _cpu_seconds(process: int) -> float:
    """The processor time that a process has used, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _program() -> str:
    return str(Path(sys.executable).parent / "torwart")
