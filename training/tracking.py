"""What a training run leaves in the local MLflow store: a SQLite file and a folder of artifacts beside the model."""

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

EXPERIMENT: Final = "torwart"
STORE: Final = "mlflow.db"
ARTIFACTS: Final = "mlruns"


def track(
    folder: Path, *, name: str, parameters: Mapping[str, object], metrics: Mapping[str, float], model: Path
) -> str:
    """Log one run to the store in ``folder``; return the run's id. Works without a network.

    ``metrics`` are finite numbers; the files of the folder ``model`` become the run's artifacts.
    """
    # MLflow reads both when it is imported: no telemetry, and no word about its database's migrations.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    import mlflow

    folder.mkdir(parents=True, exist_ok=True)
    store = folder.resolve()
    with _quiet("alembic", "mlflow", "sqlalchemy"):
        client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{store / STORE}")
        experiment = client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            experiment_id = client.create_experiment(EXPERIMENT, artifact_location=(store / ARTIFACTS).as_uri())
        else:
            experiment_id = experiment.experiment_id
        run_id: str = client.create_run(experiment_id, run_name=name).info.run_id
        for key, value in parameters.items():
            client.log_param(run_id, key, value)
        for key, figure in metrics.items():
            client.log_metric(run_id, key, figure)
        client.log_artifacts(run_id, str(model), artifact_path="model")
        client.set_terminated(run_id)
    return run_id


@contextlib.contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Only errors from the loggers called ``names``, for as long as the block runs."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
