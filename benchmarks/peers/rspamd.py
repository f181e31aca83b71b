"""rspamd's Bayes over orthogonal sparse bigrams (Debian packages `rspamd` and `redis-server`)."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .mail import mail, not_installed

# A Redis database of its own; within it, a prefix for every process that compares.
DATABASE = "15"

# Learnt, and two answers for a text that it passes over, as it has learnt the same tokens before or finds none in it.
LEARNT = (200, 208, 404)

CONFIGURATION = """\
options {{
    filters = "";
    tempdir = "{folder}";
    hs_cache_dir = "{folder}";
    control_socket = "{folder}/control.sock mode=0600";
    url_tld = "/usr/share/rspamd/effective_tld_names.dat";
    dns {{ nameserver = ["127.0.0.1"]; }}
}}
logging {{ type = "file"; filename = "{folder}/rspamd.log"; level = "warning"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{scan_port}"; count = 1; mime = true; }}
worker "controller" {{ bind_socket = "127.0.0.1:{learn_port}"; count = 1; secure_ip = "127.0.0.1"; }}
classifier "bayes" {{
    tokenizer {{ name = "osb"; }}
    backend = "redis";
    servers = "127.0.0.1:6379";
    db = "{database}";
    prefix = "{prefix}";
    cache_key = "{prefix}_learned";
    new_schema = true;
    min_learns = 1;
    min_tokens = 1;
    statfile {{ symbol = "BAYES_HAM{prefix}"; spam = false; }}
    statfile {{ symbol = "BAYES_SPAM{prefix}"; spam = true; }}
    learn_condition = 'return require("lua_bayes_learn").can_learn';
}}
lua = "{folder}/probability.lua";
"""

# The symbols BAYES_SPAM and BAYES_HAM come with the probability rounded; this one has every digit.
PROBABILITY = """\
rspamd_config:register_symbol{
  name = 'PROBABILITY',
  type = 'postfilter',
  callback = function(task)
    local probability = task:get_mempool():get_variable('bayes_prob', 'double')
    if probability then task:insert_result('PROBABILITY', 1.0, string.format('%.17g', probability)) end
  end,
}
"""


class Rspamd:
    """A private rspamd with Bayes alone, from the first mail on; the probability of spam.

    The first fit of a peer takes 15 to 45 seconds longer: rspamd compiles its patterns. Its scores are not quite the
    same twice: it guesses the language, and so how to stem, from words drawn at random.
    """

    name = "rspamd Bayes"
    most_texts: int | None = 20_000

    def __init__(self) -> None:
        self._resources = ExitStack()
        self._scan_port = self._learn_port = 0
        self._prefix = ""

    def version(self) -> str:
        """The program's version."""
        output = subprocess.run(["rspamd", "--version"], capture_output=True, text=True, check=True).stdout
        return "rspamd " + output.split()[-1]

    def missing(self) -> str | None:
        """Why it cannot run here."""
        missing = not_installed("rspamd", "rspamd", package="rspamd") or not_installed(
            "rspamd", "redis-cli", package="redis-server"
        )
        if missing is None and _redis("ping").strip() != "PONG":
            return "rspamd needs Redis on port 6379, which does not answer; on Debian: service redis-server start"
        return missing

    def fit(self, texts: Sequence[str], is_spam: NDArray[np.bool_]) -> None:
        """Learn from these texts alone, in their order; rspamd passes over a text whose tokens it has learnt before."""
        if self._prefix:
            _forget(self._prefix)
        else:
            self._start()
        for text, spam in zip(texts, is_spam, strict=True):
            # As `rspamc` learns many mails: without this header it passes over those that it is sure of already.
            headers = {"Learn-Type": "bulk"}
            status, answer = _post(self._learn_port, "/learnspam" if spam else "/learnham", mail(text), headers)
            if status not in LEARNT:
                raise RuntimeError(f"rspamd answered {status} to a text that it should learn: {answer!r}")

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probability from 0 to 1; 0.5 where Bayes gives none, as for texts of one word."""
        if not self._prefix:
            raise RuntimeError("rspamd has not been fitted")
        with ThreadPoolExecutor(4) as pool:
            return np.array(list(pool.map(self._score, texts)), dtype=np.float64)

    def close(self) -> None:
        """End the server, remove its folder and its keys in Redis."""
        self._resources.close()
        self._prefix = ""

    def _score(self, text: str) -> float:
        status, answer = _post(self._scan_port, "/checkv2", mail(text), {})
        if status != 200:
            raise RuntimeError(f"rspamd answered {status} to a text that it should score: {answer!r}")
        symbol = json.loads(answer)["symbols"].get("PROBABILITY")
        return float(symbol["options"][0]) if symbol else 0.5

    def _start(self) -> None:
        """Start the server with its two workers and wait for them; whatever goes wrong, nothing stays behind."""
        with ExitStack() as resources:
            folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="torwart_peer_")))
            prefix = f"torwart_peer_{os.getpid()}_{secrets.token_hex(4)}"
            resources.callback(_forget, prefix)
            self._scan_port, self._learn_port = _free_ports()
            (folder / "probability.lua").write_text(PROBABILITY, encoding="utf-8")
            (folder / "rspamd.conf").write_text(
                CONFIGURATION.format(
                    folder=folder,
                    scan_port=self._scan_port,
                    learn_port=self._learn_port,
                    database=DATABASE,
                    prefix=prefix,
                ),
                encoding="utf-8",
            )
            command = ["rspamd", "--no-fork", "--config", str(folder / "rspamd.conf")]
            if os.geteuid() == 0:
                command.append("--insecure")  # its workers run as root as well, and so can use the folder
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            resources.callback(_stop, process)
            deadline = time.monotonic() + 120
            for port in (self._scan_port, self._learn_port):
                while not _answers(port):
                    if process.poll() is not None or time.monotonic() > deadline:
                        log = folder / "rspamd.log"
                        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
                        raise RuntimeError(f"rspamd did not start; it wrote:\n{said[-2000:]}")
                    time.sleep(0.1)
            self._resources = resources.pop_all()
            weakref.finalize(self, self._resources.close)  # for a program that ends without close()
            self._prefix = prefix


def _post(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _redis(*arguments: str, standard_input: str = "") -> str:
    return subprocess.run(
        ["redis-cli", "-n", DATABASE, *arguments], input=standard_input, capture_output=True, text=True
    ).stdout


def _forget(prefix: str) -> None:
    """Remove every key of this prefix."""
    keys = _redis("--scan", "--pattern", f"*{prefix}*").split()
    _redis(standard_input="".join(f"UNLINK {key}\n" for key in keys))
