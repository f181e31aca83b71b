"""Online equals offline: what running servers saw is what each offline engine computes from the exported log."""

import itertools
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from tests.system.running import Server
from torwart.cli import main
from torwart.features.catalogue import NAMES
from training.log import count_records

EVENTS = 100_000
THREADS = 4
MESSAGES, REMARKS, REPORTS, BLOCKS = 400, 400, 15, 10
"""What each thread sends in a round."""

NUMBERS = itertools.count()
WORDS = "your parcel code bank account sale today link pay flight delayed win prize invoice doctor appointment".split()


def a_message(rng: np.random.Generator) -> dict[str, Any] | None:
    """A text, a template, one with a link and a picture, or one that may not be seen."""
    text = " ".join(rng.choice(WORDS, 8)) + f" {rng.integers(1000)}"
    if rng.random() < 0.2:
        text = f"{text.upper()}\nＦＲＥＥ 5 € 😀!"
    match rng.integers(6):
        case 0:
            return None
        case 1:
            return {"type": "text", "text": {"body": f"{text} https://{rng.choice(WORDS)}-{rng.integers(9)}.top/x"}}
        case 2:
            components = [{"type": "BODY", "text": text}, {"type": "FOOTER", "text": "Reply STOP to end"}]
            about = {"name": f"notice_{rng.integers(4)}", "language": "en", "category": "UTILITY"}
            return {"type": "template", "template": {**about, "components": components}}
        case 3:
            return {"type": "image", "image": {"id": f"media{rng.integers(5)}", "caption": text}}
        case _:
            return {"type": "text", "text": {"body": text}}


def a_request(rng: np.random.Generator) -> dict[str, Any]:
    sender = {"id": f"biz_{min(int(rng.zipf(1.4)), 400)}"}
    if rng.random() < 0.5:
        sender |= {"verification_status": str(rng.choice(["verified", "pending", "revoked"])), "display_name": "Kiosk"}
        sender |= {"account_size": "small", "website": "https://kiosk.example", "created_at": "2025-01-01T00:00:00Z"}
    consent = {"state": str(rng.choice(["opted_in", "opted_out", "unknown"])), "source": "messenger"}
    return {
        "message_id": f"m{next(NUMBERS)}",
        "sent_at": f"2026-11-{rng.integers(10, 22)}T10:00:00Z",
        "sender": sender,
        "recipient_id": f"u_{rng.integers(3000)}",
        "message": a_message(rng),
        "context": {"consent": consent} if rng.random() < 0.5 else {},
        "with_features": True,
    }


def a_remark(rng: np.random.Generator, request: dict[str, Any]) -> dict[str, Any]:
    """An event about a message: now, long ago, or (by a wrong clock) in the future."""
    pair = {"sender_id": request["sender"]["id"], "recipient_id": request["recipient_id"]}
    kind = str(rng.choice(["delivery", "read", "reply", "preference"]))
    event = {"type": kind, "message_id": request["message_id"]}
    if kind in ("reply", "preference"):
        event = {"type": kind, **pair}
    if kind == "preference":
        event["value"] = str(rng.choice(["stop", "resume"]))
    if rng.random() < 0.3:
        event["at"] = f"2026-{rng.integers(9, 13):02}-01T00:00:00Z"
    return event


def tell(client: httpx.Client, method: str, path: str, body: object = None) -> None:
    """Say it until it is heard: while one worker's turn lasts longer than the other waits, the answer is 503."""
    for _ in range(100):
        response = client.request(method, path, json=body)
        if response.status_code != 503:
            assert response.is_success, response.text
            return
        time.sleep(0.1)
    raise AssertionError(f"{path} stayed out of reach")


def score(client: httpx.Client, items: list[dict[str, Any]]) -> dict[str, dict[str, float | None]]:
    """The features of each message; what could not be recorded at once is sent again."""
    seen: dict[str, dict[str, float | None]] = {}
    for _ in range(100):
        answer = client.post("/v1/score/batch", json={"items": items})
        assert answer.status_code == 200, answer.text
        for decision in answer.json()["items"]:
            assert decision["status"] in ("new", "unrecorded"), decision
            if decision["status"] == "new":
                seen[decision["message_id"]] = decision["features"]
        items = [item for item in items if item["message_id"] not in seen]
        if not items:
            return seen
        time.sleep(0.1)
    raise AssertionError("the log stayed out of reach")


def rounds(server: Server, seed: int, number: int) -> dict[str, dict[str, float | None]]:
    """Traffic of one caller on connections of its own; returns the features of each message."""
    rng = np.random.default_rng(seed)
    seen: dict[str, dict[str, float | None]] = {}
    for _ in range(number):
        with httpx.Client(base_url=server.url, headers={"X-API-Key": server.key}, timeout=120) as client:
            items = [a_request(rng) for _ in range(MESSAGES)]
            seen |= score(client, items)
            remarks = [a_remark(rng, items[rng.integers(MESSAGES)]) for _ in range(REMARKS)]
            tell(client, "POST", "/v1/events", {"events": remarks})
            for place in rng.integers(MESSAGES, size=REPORTS):
                tell(client, "POST", "/v1/reports", {"message_id": items[place]["message_id"]})
            for place in rng.integers(MESSAGES, size=BLOCKS):
                pair = f"/v1/recipients/{items[place]['recipient_id']}/blocks/{items[place]['sender']['id']}"
                tell(client, "DELETE" if place % 3 == 0 else "PUT", pair)
    return seen


def run(*arguments: str | Path) -> None:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def replayed(
    start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pd.DataFrame]:
    """The exported log of two workers, and what they saw, by message."""
    server = start_server("--workers", "2")
    number = -(-EVENTS // (THREADS * (MESSAGES + REMARKS + REPORTS + BLOCKS)))
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda seed: rounds(server, seed, number), range(THREADS))
    seen = {message: features for part in found for message, features in part.items()}
    log = tmp_path_factory.mktemp("exported") / "log"
    run("export", "--data", server.data, "--out", log)
    online = pd.DataFrame.from_dict(seen, orient="index", dtype=np.float64)
    return log, online


def assert_equal(online: pd.DataFrame, offline: pd.DataFrame) -> None:
    offline = offline.set_index("message_id").loc[online.index]
    assert list(online.columns) == list(NAMES)
    for name in NAMES:
        np.testing.assert_allclose(offline[name], online[name], rtol=0, atol=1e-9, err_msg=name, equal_nan=True)


def test_the_local_engine_computes_what_the_servers_saw(replayed: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    log, online = replayed
    assert count_records(log) >= EVENTS
    run("features", "--events", log, "--out", tmp_path / "table.parquet")
    assert_equal(online, pd.read_parquet(tmp_path / "table.parquet"))
    varied = [name for name in NAMES if online[name].nunique() > 1]
    assert len(varied) > 80


def test_spark_computes_what_the_servers_saw(replayed: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'torwart[spark]')")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not installed")
    log, online = replayed
    run("features", "--events", log, "--out", tmp_path / "table.parquet", "--engine", "spark")
    assert_equal(online, pd.read_parquet(tmp_path / "table.parquet"))
