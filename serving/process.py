"""One of several worker processes: reads from the environment what ``torwart serve`` left there."""

import os
import signal
import threading
import time
from pathlib import Path

from serving.app import create_app
from serving.scoring_routes import ScoringRoutes
from serving.service import Service, Settings


def app() -> ScoringRoutes:
    """The application of one process, called by uvicorn in each."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    policy = os.environ.get("TORWART_POLICY")
    settings = Settings(
        data=Path(os.environ["TORWART_DATA"]),
        model=Path(os.environ["TORWART_MODEL"]),
        policy=Path(policy) if policy else None,
    )
    return create_app(Service(settings), several_workers=True)


def _end_with(parent: int) -> None:
    """End this worker once its parent is gone, however it went: nobody else would restart it or free the port."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
