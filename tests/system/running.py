"""A real server, started as its users start it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

LISTENED_S = 3
"""How long a server that is ready may take to have been heard printing its key; one that has keys prints none."""

PROGRAM = str(Path(sys.executable).parent / "torwart")


class Server:
    """One `torwart serve` process and a client that talks to it."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = ""
        self.start()
        self.client = httpx.Client(base_url=self.url, headers={"X-API-Key": self.key}, timeout=30)

    def start(self) -> None:
        """Start, and wait until it is ready; remembers the key that the first start prints."""
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--data", str(self.data), "--port", str(self.port), *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        self.output: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError("the server ended: " + "".join(self.output))
            try:
                if httpx.get(self.url + "/readyz", timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        else:
            raise AssertionError("the server did not become ready: " + "".join(self.output))
        listened = time.monotonic() + LISTENED_S
        while not (found := re.search(r"torwart_\S+", "".join(self.output))) and not self.key:
            if time.monotonic() > listened:
                return
            time.sleep(0.05)
        self.key = found.group() if found else self.key

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.output.extend(self.process.stdout)

    def kill(self) -> None:
        """`kill -9`, for the process and its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Kill and start again on the same data."""
        self.kill()
        self.start()

    def stop(self) -> int:
        """End it as an operator would; returns the exit code."""
        self.process.terminate()
        return self.process.wait(20)

    def score(self, **request: Any) -> dict[str, Any]:
        """Score one message, which must work."""
        response = self.client.post("/v1/score", json=request)
        assert response.status_code == 200, response.text
        return response.json()
