"""How many messages a second the server scores on one core, against an echo that only parses and answers.

    python benchmarks/serving.py [--seconds 8] [--rounds 5] [--json]

Both servers run in turn in every round, on the first core, with wrk on the second and 16 connections; the ratio is
taken round by round and its median reported. Torwart runs as `torwart serve` runs it: authentication, all features, both
models, reasons, policy, recording in SQLite. Every request is a new message. Needs wrk (Debian package `wrk`).
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
    return {"rps": requests / duration * 1e6, "cpu_us": cpu_us, "p50_ms": p50 / 1e3, "p99_ms": p99 / 1e3, "p999_ms": p999 / 1e3}


def main() -> None:
    """Run both servers in turn and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed; on Debian: apt-get install wrk")
    program = str(Path(sys.executable).parent / "torwart")
    with tempfile.TemporaryDirectory() as folder:
        bodies_file = Path(folder) / "bodies.jsonl"
        bodies(bodies_file)
        created = subprocess.run(
            [program, "keys", "create", "--data", folder, "--name", "benchmark", "--scope", "score", "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        environment = {
            "TORWART_BENCH_BODIES": str(bodies_file),
            "TORWART_BENCH_KEY": json.loads(created.stdout)["key"],
        }
        port, echo_port = free_port(), free_port()
        server = subprocess.Popen(
            ["taskset", "-c", "0", program, "serve", "--data", folder, "--port", str(port)],
            stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        echo = subprocess.Popen(
            ["taskset", "-c", "0", sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "echo:app", "--port",
             str(echo_port), "--log-level", "warning", "--no-access-log", "--lifespan", "off"],
            text=True,
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", server)
            wait_for(f"http://127.0.0.1:{echo_port}/", echo)
            rounds = []
            for number in range(options.rounds + 1):
                ours = load_once(f"http://127.0.0.1:{port}/v1/score", server, options.seconds, environment, f"r{number}")
                theirs = load_once(f"http://127.0.0.1:{echo_port}/", echo, options.seconds, environment, f"r{number}")
                if number > 0:  # the first round warms both up
                    rounds.append({"torwart": ours, "echo": theirs, "ratio": ours["rps"] / theirs["rps"]})
        finally:
            for process in (server, echo):
                process.terminate()
            for process in (server, echo):
                process.wait(20)
    result = {
        "rounds": rounds,
        "torwart_rps": statistics.median(entry["torwart"]["rps"] for entry in rounds),
        "echo_rps": statistics.median(entry["echo"]["rps"] for entry in rounds),
        "ratio": statistics.median(entry["ratio"] for entry in rounds),
        "torwart_cpu_us": statistics.median(entry["torwart"]["cpu_us"] for entry in rounds),
        "echo_cpu_us": statistics.median(entry["echo"]["cpu_us"] for entry in rounds),
        "torwart_p50_ms": statistics.median(entry["torwart"]["p50_ms"] for entry in rounds),
        "torwart_p99_ms": statistics.median(entry["torwart"]["p99_ms"] for entry in rounds),
        "connections": CONNECTIONS,
        "seconds": options.seconds,
    }
    if options.json:
        print(json.dumps(result))
        return
    print(
        f"Scoring over HTTP: one core, {CONNECTIONS} connections, {len(rounds)} rounds of {options.seconds} s, medians"
    )
    print(f"  bare uvicorn + msgspec echo   {result['echo_rps']:8.0f} requests/s   {result['echo_cpu_us']:4.0f} µs CPU")
    print(f"  torwart, everything on        {result['torwart_rps']:8.0f} requests/s   {result['torwart_cpu_us']:4.0f} µs CPU   "
          f"p50 {result['torwart_p50_ms']:.2f} ms   p99 {result['torwart_p99_ms']:.2f} ms")  # fmt: skip
    print(f"  ratio                         {result['ratio']:8.2f}   "
          f"(rounds: {', '.join(format(entry['ratio'], '.2f') for entry in rounds)})")  # fmt: skip


if __name__ == "__main__":
    main()
