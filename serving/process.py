"""One of several worker processes: reads from the environment what ``torwart serve`` left there."""

import os
from pathlib import Path

from serving.app import create_app
from serving.scoring_routes import ScoringRoutes
from serving.service import Service, Settings


def app() -> ScoringRoutes:
    """The application of one process, called by uvicorn in each."""
    policy = os.environ.get("TORWART_POLICY")
    settings = Settings(
        data=Path(os.environ["TORWART_DATA"]),
        model=Path(os.environ["TORWART_MODEL"]),
        policy=Path(policy) if policy else None,
    )
    return create_app(Service(settings), several_workers=True)
