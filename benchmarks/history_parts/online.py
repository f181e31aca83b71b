"""Table c: one message at a time from Python, on one core: Torwart's state against plain counters kept elsewhere.

The peers only count ten things of a sender and give the counts back: no windows, no distinct people, no pairs and no
campaigns. SQLite is asked in memory and within one transaction; Redis through a socket and its protocol's bytes alone,
so that no client library is timed.
"""

import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from torwart.features.rows import MESSAGE, Rows
from torwart.features.state import FoldState
from training.table import table

from ..output import spread
from .batch import SEED
from .made_up import SENDERS_A_MESSAGE, made_up
from .process import alone, stay_on

MESSAGES: Final = 20_000
"""Messages of one round, each of them new to every side."""

BEFORE: Final = 200_000
"""Messages of the log that the state holds before."""

TORWART: Final = "FoldState: read + advance, the whole catalogue"
N_COUNTERS: Final = 10
_SCRIPT: Final = f"local r = {{}} for i = 1, {N_COUNTERS} do r[i] = redis.call('HINCRBY', KEYS[1], i, 1) end return r"
_STARTS_WITHIN_S: Final = 10.0

Sender = str
Step = Callable[[Sender], list[int]]
"""Count a message of this sender ten times over and give back all ten counts."""


def missing() -> dict[str, str]:
    """What is not installed, and what to do about it."""
    if shutil.which("redis-server") is None:
        return {"Redis": "redis-server is not installed; on Debian: apt-get install redis-server"}
    return {}


def measure(rounds: int) -> dict[str, Any]:
    """Microseconds a message of each side, which take turns in one process on one core."""
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as address:
        return alone(_measure, rounds, address)


def peers(address: str | None) -> dict[str, Step]:
    """What each peer does with one message of a sender; Redis only where its socket is given."""
    steps = {
        f"Python dict of {N_COUNTERS} counters": _dict_of_counters(),
        f"SQLite, one upsert of {N_COUNTERS} counters": _sqlite_counters(),
    }
    if address is not None:
        steps[f"Redis, one script over {N_COUNTERS} counters"] = _redis_counters(address)
    return steps


def text_of(found: dict[str, Any]) -> str:
    """The table as plain text."""
    rows = [
        (
            name,
            f"{one['median']:.2f}",
            f"{one['least']:.2f} to {one['most']:.2f}",
            f"{found['cpu'][name]['median']:.2f}",
        )
        for name, one in found["microseconds"].items()
    ]
    title = f"(c) One message at a time, on one core; medians of {found['rounds']} x {found['messages']:,}"
    return table(title, ("", "µs a message", "range", "CPU µs"), rows)


def _measure(rounds: int, address: str | None) -> dict[str, Any]:
    stay_on(1)
    messages = BEFORE + (rounds + 1) * MESSAGES
    rows = made_up(messages, int(messages * SENDERS_A_MESSAGE), SEED).rows
    sent = (rows["kind"] == MESSAGE).nonzero()[0]
    state = FoldState()
    state.advance(rows[: sent[BEFORE]])
    steps = peers(address)
    wall: dict[str, list[float]] = {name: [] for name in (TORWART, *steps)}
    cpu: dict[str, list[float]] = {name: [] for name in (TORWART, *steps)}
    for number in range(rounds + 1):  # the first one warms up
        chosen = sent[BEFORE + number * MESSAGES :][:MESSAGES]
        ones = [rows[place : place + 1] for place in chosen]
        senders = [str(key) for key in rows["sender"][chosen].tolist()]
        _timed(lambda ones=ones: _fold_all(state, ones), wall[TORWART], cpu[TORWART])  # type: ignore[misc]
        for name, step in steps.items():
            _timed(lambda step=step, senders=senders: _all(step, senders), wall[name], cpu[name])  # type: ignore[misc]
    return {
        "messages": MESSAGES,
        "rounds": rounds,
        "microseconds": {name: spread(values[1:]) for name, values in wall.items()},
        "cpu": {name: spread(values[1:]) for name, values in cpu.items()},
    }


def _fold_all(state: FoldState, ones: list[Rows]) -> None:
    for row in ones:
        state.read(row)
        state.advance(row)


def _all(step: Step, senders: list[Sender]) -> None:
    for sender in senders:
        step(sender)


def _timed(work: Callable[[], None], wall: list[float], cpu: list[float]) -> None:
    """Add the microseconds a message that ``work`` took."""
    before, cpu_before = time.perf_counter(), time.process_time()
    work()
    wall.append(1e6 * (time.perf_counter() - before) / MESSAGES)
    cpu.append(1e6 * (time.process_time() - cpu_before) / MESSAGES)


def _dict_of_counters() -> Step:
    names = [f"c{number}" for number in range(N_COUNTERS)]
    kept: dict[Sender, dict[str, int]] = {}

    def step(sender: Sender) -> list[int]:
        counters = kept.get(sender)
        if counters is None:
            counters = kept[sender] = dict.fromkeys(names, 0)
        for name in names:
            counters[name] += 1
        return list(counters.values())

    return step


def _sqlite_counters() -> Step:
    names = [f"c{number}" for number in range(N_COUNTERS)]
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute(f"CREATE TABLE senders (id TEXT PRIMARY KEY, {', '.join(names)}) WITHOUT ROWID")
    database.execute("BEGIN")
    statement = (
        f"INSERT INTO senders VALUES (?{', 1' * N_COUNTERS}) ON CONFLICT (id) DO UPDATE SET "
        f"{', '.join(f'{name} = {name} + 1' for name in names)} RETURNING {', '.join(names)}"
    )
    return lambda sender: list(database.execute(statement, (sender,)).fetchone())


def _redis_counters(address: str) -> Step:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    digest = _ask(connection, "SCRIPT", "LOAD", _SCRIPT).split(b"\r\n")[1].decode()

    def step(sender: Sender) -> list[int]:
        # *10 and then a line with each number, as :1
        return [int(line[1:]) for line in _ask(connection, "EVALSHA", digest, "1", sender).split()[1:]]

    return step


def _ask(connection: socket.socket, *words: str) -> bytes:
    """Send one command; the answer as it comes, which is short enough to come at once. Raises ``RuntimeError``."""
    command = [f"*{len(words)}", *(part for word in words for part in (f"${len(word)}", word)), ""]
    connection.sendall("\r\n".join(command).encode())
    answer = connection.recv(4096)
    if answer.startswith(b"-"):
        raise RuntimeError(f"Redis refused {words[0]}: {answer.decode().strip()}")
    return answer


@contextmanager
def redis_server(folder: Path) -> Iterator[str | None]:
    """A Redis of our own that writes nothing to disk, and its socket; none where it is not installed."""
    if missing():
        yield None
        return
    address = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(address), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL) as server:
        try:
            before = time.monotonic()
            while not address.exists():
                if server.poll() is not None or time.monotonic() - before > _STARTS_WITHIN_S:
                    raise RuntimeError("redis-server did not start")
                time.sleep(0.05)
            yield str(address)
        finally:
            server.terminate()
