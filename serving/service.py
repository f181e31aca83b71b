"""One process of the service: what its routes share."""

import gc
from pathlib import Path

from msgspec import Struct

from serving.auth import Keys
from serving.log import Log
from serving.scoring import ScoreJob, Scorer
from serving.turn import Memory
from serving.worker import Worker, now_us
from torwart.detector import Detector
from torwart.features.rows import MESSAGE, pack, unpack
from torwart.policy import Policy, PolicyError
from torwart.request import convert_request

DATABASE = "torwart.db"
_WARM_UP_ROWS = 1_000


class Settings(Struct, frozen=True):
    """Where things are and how large a request may be."""

    data: Path
    model: Path
    policy: Path | None = None
    max_body: int = 1 << 20
    max_batch_body: int = 16 << 20


class Service:
    """Model, policy, log and keys, ready to answer.

    Raises ``ModelError``, ``PolicyError``, ``LogFileError`` or ``OSError`` when one of them cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.scorer = Scorer(Detector.load(settings.model), _policy(settings.policy))
        log = Log(settings.data / DATABASE)
        self.worker = Worker(log)
        self.keys = Keys(log)
        self._warm_up()
        # What is here now stays: the collector need not walk over it again and again.
        gc.collect()
        gc.freeze()

    def _warm_up(self) -> None:
        """Judge one message without recording it, so that compiled code is loaded before the first caller waits."""
        request = convert_request(
            {
                "message_id": "warm-up",
                "sent_at": "2026-01-01T00:00:00Z",
                "sender": {"id": "warm-up"},
                "recipient_id": "warm-up",
                "message": {"type": "text", "text": {"body": "Warm up: https://example.org"}},
                "dry_run": True,
            }
        )
        memory = Memory()
        ScoreJob(self.scorer, request, memory.registers, now_us()).run_degraded(memory, now_us(), "")
        # More keys than the tables begin with, so that growing them is compiled too.
        rows = [pack(MESSAGE, index, index, "warm-up", str(index)) for index in range(_WARM_UP_ROWS)]
        memory.state.advance(unpack(b"".join(rows)))


def _policy(path: Path | None) -> Policy:
    """The policy in a file, or the one that is shipped. Raises ``PolicyError`` with the file's name."""
    if path is None:
        return Policy.default()
    try:
        return Policy.from_toml(path.read_text("utf-8"))
    except ValueError as error:
        raise PolicyError(f"{path}: {error}") from error
