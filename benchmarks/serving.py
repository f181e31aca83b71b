"""How many messages a second the server scores on one core, against echoes that only parse and answer.

    python benchmarks/serving.py [--seconds 6] [--rounds 5] [--json]

Every round runs all servers in turn on the first core, with wrk and 16 connections on the second; ratios are taken
round by round and their median reported. Torwart runs as `torwart serve`: authentication, all features, both heads,
reasons, policy, recording in SQLite; every request is a new message. The baseline is a bare uvicorn application that
decodes the body with msgspec and encodes it again; FastAPI with a pydantic model echoes the same body as a peer.
Needs Linux, two cores and wrk (Debian package `wrk`).
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

from training.templates import fill, load

HERE = Path(__file__).resolve().parent
CONNECTIONS = 16
N_BODIES = 4_000


def bodies(path: Path) -> None:
    """Score requests as a backend would send them: filled templates of every kind and language, many senders."""
    rng = np.random.default_rng(7)
    library = load()
    families = [family for family in library.families if library.senders(family)]
    with path.open("w", encoding="utf-8") as file:
        for index in range(N_BODIES):
            family = families[rng.integers(len(families))]
            senders = library.senders(family)
            brand = senders[rng.integers(len(senders))]
            filled = fill(family, family.templates[rng.integers(len(family.templates))], brand, rng)
            buttons = [
                {"type": button.type, "text": button.text, **({"url": button.url} if button.url else {})}
                for button in filled.buttons
            ]
            components = [{"type": "BODY", "text": filled.text}]
            if buttons:
                components.append({"type": "BUTTONS", "buttons": buttons})
            message: dict[str, object] = {
                "type": "template",
                "template": {"id": str(index % 300), "name": family.id, "language": filled.language,
                             "category": family.category or "UTILITY", "components": components},
            }  # fmt: skip
            request = {
                "message_id": "MESSAGE_ID",
                "sent_at": "2026-11-22T10:00:00Z",
                "sender": {"id": f"biz_{rng.integers(500)}", "verification_status": "verified",
                           "display_name": brand.name, "website": f"https://{brand.domain}"},
                "recipient_id": f"u_{rng.integers(20_000)}",
                "message": message,
                "context": {"consent": {"state": "opted_in", "source": "messenger", "at": "2026-01-05T08:00:00Z"}},
            }  # fmt: skip
            file.write(json.dumps(request, ensure_ascii=False) + "\n")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Return once the server answers."""
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with exit code {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """The processor time that a process has used, user and system (Linux)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load_once(
    url: str, process: subprocess.Popen[str], seconds: int, environment: dict[str, str], run: str
) -> dict[str, float]:
    """One wrk run on the second core."""
    cpu_before = cpu_seconds(process)
    output = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "serving.lua"), url],
        env={**os.environ, **environment, "TORWART_BENCH_RUN": run},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    requests, duration, errors, p50, p99, p999 = map(int, line.split()[1:])
    if errors:
        raise SystemExit(f"{errors} of {requests} requests failed:\n{output}")
    cpu_us = (cpu_seconds(process) - cpu_before) / requests * 1e6
    return {
        "rps": requests / duration * 1e6,
        "cpu_us": cpu_us,
        "p50_ms": p50 / 1e3,
        "p99_ms": p99 / 1e3,
        "p999_ms": p999 / 1e3,
    }


def start(command: list[str], *options: str) -> subprocess.Popen[str]:
    """A server on the first core."""
    return subprocess.Popen(["taskset", "-c", "0", *command, *options], stdout=subprocess.DEVNULL, text=True)


def measure(options: argparse.Namespace, folder: Path) -> list[dict[str, dict[str, float]]]:
    """All rounds: the figures of each server, by name."""
    program = str(Path(sys.executable).parent / "torwart")
    bodies(folder / "bodies.jsonl")
    created = subprocess.run(
        [program, "keys", "create", "--data", str(folder), "--name", "benchmark", "--scope", "score", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    environment = {
        "TORWART_BENCH_BODIES": str(folder / "bodies.jsonl"),
        "TORWART_BENCH_KEY": json.loads(created.stdout)["key"],
    }
    uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "--log-level", "warning", "--no-access-log"]
    ports = [free_port() for _ in range(3)]
    servers = {
        "torwart": start([program, "serve"], "--data", str(folder), "--port", str(ports[0])),
        "echo": start(uvicorn, "echo:app", "--lifespan", "off", "--port", str(ports[1])),
        "fastapi": start(uvicorn, "fastapi_echo:app", "--port", str(ports[2])),
    }
    paths = {"torwart": "/v1/score", "echo": "/", "fastapi": "/"}
    rounds = []
    try:
        for process, port in zip(servers.values(), ports, strict=True):
            wait_for(f"http://127.0.0.1:{port}/healthz", process)
        for number in range(options.rounds + 1):
            figures = {
                name: load_once(
                    f"http://127.0.0.1:{port}{paths[name]}", process, options.seconds, environment, f"r{number}"
                )
                for (name, process), port in zip(servers.items(), ports, strict=True)
            }
            if number > 0:  # the first round warms all of them up
                rounds.append(figures)
    finally:
        for process in servers.values():
            process.terminate()
        for process in servers.values():
            process.wait(20)
    return rounds


def main() -> None:
    """Run the servers in turn and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed; on Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        rounds = measure(options, Path(folder))
    ratios = {name: [entry["torwart"]["rps"] / entry[name]["rps"] for entry in rounds] for name in ("echo", "fastapi")}
    if options.json:
        medians = {name: statistics.median(values) for name, values in ratios.items()}
        print(json.dumps({"rounds": rounds, "ratios": medians, "connections": CONNECTIONS, "seconds": options.seconds}))
        return
    print(f"Scoring over HTTP on one core, {CONNECTIONS} connections; medians of {len(rounds)} x {options.seconds} s")
    print(f"{'':34}{'requests/s':>10}{'CPU µs':>8}{'p50 ms':>8}{'p99 ms':>8}")
    titles = {
        "echo": "bare uvicorn + msgspec echo",
        "fastapi": "FastAPI + pydantic echo",
        "torwart": "torwart serve, everything on",
    }
    for name, title in titles.items():
        rps, cpu, p50, p99 = (
            statistics.median(entry[name][figure] for entry in rounds)
            for figure in ("rps", "cpu_us", "p50_ms", "p99_ms")
        )
        print(f"  {title:<32}{rps:>10.0f}{cpu:>8.0f}{p50:>8.2f}{p99:>8.2f}")
    for name, values in ratios.items():
        shown = ", ".join(f"{value:.2f}" for value in values)
        print(f"  torwart : {titles[name]:<30}{statistics.median(values):.2f}   (rounds: {shown})")


if __name__ == "__main__":
    main()
