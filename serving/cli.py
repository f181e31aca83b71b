"""The server's commands: ``torwart serve`` and ``torwart keys``."""

import json
import logging
import os
import socket
import sys
import tempfile
from pathlib import Path

import click

_CHAMPION = Path(__file__).resolve().parent.parent / "models" / "champion"
_DATA = Path("var")
_BACKLOG = 2_048
_GRACE_S = 5
"""How long requests in flight may take once the server was asked to end."""

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=_DATA,
    show_default=True,
    envvar="TORWART_DATA",
    show_envvar=True,
    help="Folder of the database; made if it does not exist.",
)


@click.command(
    epilog="""\b
Examples:
  torwart serve
  torwart serve --port 9000 --data /srv/torwart
  torwart serve --workers 2 --policy my-policy.toml
"""
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="TORWART_HOST",
    show_envvar=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65_535),
    envvar="TORWART_PORT",
    show_envvar=True,
    help="Port to listen on; 0 takes a free one.",
)
@data_option
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    default=_CHAMPION,
    envvar="TORWART_MODEL",
    show_envvar=True,
    help="Folder of the model.  [default: the champion that is shipped]",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="TORWART_POLICY",
    show_envvar=True,
    help="Policy file.  [default: the policy that is shipped]",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    envvar="TORWART_WORKERS",
    show_envvar=True,
    help="Processes that share the port and the log.",
)
def serve(host: str, port: int, data: Path, model: Path, policy: Path | None, workers: int) -> None:
    """Score messages over HTTP and keep the log of what happens.

    Listens on this machine only unless told otherwise. The first start makes an API key with every scope and prints
    it once.
    """  # fmt: skip
    import uvicorn

    from serving.app import create_app
    from serving.service import Service, Settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings(data=data, model=model, policy=policy)
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    options = {
        "log_level": "warning",
        "access_log": False,
        "lifespan": "on",
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": _GRACE_S,
    }
    if workers == 1:
        service = Service(settings)
        _first_key(service.settings.data)
        _announce(address, service)
        config = uvicorn.Config(create_app(service), **options)  # type: ignore[arg-type]
        uvicorn.Server(config).run(sockets=[listener])
        return
    # Each process sums its metrics into files that any of them can read. prometheus_client looks at this variable
    # when it is first imported, so it is set for the processes to come.
    folder = tempfile.TemporaryDirectory(prefix="torwart-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder.name
    service = Service(settings)
    _first_key(service.settings.data)
    _announce(f"{address} with {workers} workers", service)
    service.worker.log.close()
    os.environ["TORWART_DATA"] = str(data)
    os.environ["TORWART_MODEL"] = str(model)
    os.environ["TORWART_POLICY"] = "" if policy is None else str(policy)
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config("serving.process:app", factory=True, workers=workers, **options)  # type: ignore[arg-type]
    with folder:
        Multiprocess(config, sockets=[listener]).run()


@click.command(
    epilog="""\b
Examples:
  torwart snapshot
  torwart snapshot --data /srv/torwart --json
"""
)
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def snapshot(data: Path, as_json: bool) -> None:
    """Write the state that history features are read from beside the database, so that the next start is fast.

    A running service does so by itself now and then. Run this after an update whose features are new, before the
    service is started: it replays the log once. Servers may run meanwhile.
    """  # fmt: skip
    from serving.service import DATABASE
    from serving.snapshots import path_of, take

    database = _existing(data / DATABASE)
    seq = take(database)
    if as_json:
        click.echo(json.dumps({"snapshot": str(path_of(database)), "seq": seq}))
    else:
        click.echo(f"{path_of(database)}: the state after {seq:,} events.")


@click.group(
    epilog="""\b
Examples:
  torwart keys create --name backend --scope score --scope feedback
  torwart keys list
  torwart keys revoke key_0123456789ab
"""
)
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command()
@data_option
@click.option("--name", required=True, help="Who will use it; for your own memory.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="What it may do: score, feedback, read, moderate, admin (everything). Repeat for several.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(data: Path, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a key. It is printed now and never again: only its hash is kept."""  # fmt: skip
    from serving.auth import SCOPES, create_key
    from serving.log import Log
    from serving.service import DATABASE
    from serving.worker import now_us

    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(SCOPES)}", param_hint="--scope")
    log = Log(data / DATABASE)
    identifier, key = create_key(log, name, scopes, now_us())
    log.close()
    if as_json:
        click.echo(json.dumps({"id": identifier, "key": key, "name": name, "scopes": sorted(set(scopes))}))
    else:
        click.echo(key)
        click.echo(f"{identifier} ({name}): keep the key above, it is not shown again.", err=True)


@keys.command(name="list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one key a line.")
def list_(data: Path, as_json: bool) -> None:
    """List the keys, never their secrets."""
    from serving.auth import list_keys
    from serving.log import Log
    from serving.service import DATABASE
    from serving.wire import moment

    log = Log(_existing(data / DATABASE))
    for identifier, name, scopes, created_at, revoked_at in list_keys(log):
        created = moment(created_at).isoformat(timespec="seconds")
        revoked = None if revoked_at is None else moment(revoked_at).isoformat(timespec="seconds")
        if as_json:
            click.echo(
                json.dumps(
                    {"id": identifier, "name": name, "scopes": scopes.split(), "created_at": created,
                     "revoked_at": revoked}
                )
            )  # fmt: skip
        else:
            click.echo(f"{identifier}  {created}  {'revoked ' + revoked if revoked else 'works':<33}  {scopes}  {name}")
    log.close()


@keys.command()
@data_option
@click.argument("identifier")
def revoke(data: Path, identifier: str) -> None:
    """End a key, by its id. Running servers notice within a second."""
    from serving.auth import revoke_key
    from serving.log import Log
    from serving.service import DATABASE
    from serving.worker import now_us

    log = Log(_existing(data / DATABASE))
    revoked = revoke_key(log, identifier, now_us())
    log.close()
    if not revoked:
        raise click.ClickException(f"there is no working key {identifier}; see: torwart keys list")
    click.echo(f"{identifier} is revoked")


def _existing(database: Path) -> Path:
    """The database, which must be there already: looking must not make one."""
    if not database.exists():
        raise click.ClickException(f"there is no database {database}; name its folder with --data")
    return database


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is one clear sentence before anything else is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    listener.set_inheritable(True)
    return listener


def _first_key(data: Path) -> None:
    """Make the first key of a new database and print it, once."""
    from serving.auth import create_key, list_keys
    from serving.log import Log
    from serving.service import DATABASE
    from serving.worker import now_us

    log = Log(data / DATABASE)
    if not list_keys(log):
        identifier, key = create_key(log, "first key", ("admin",), now_us())
        click.echo(f"\nA new API key with every scope ({identifier}). It is shown only now; keep it:\n\n    {key}\n")
    log.close()


def _announce(address: str, service: object) -> None:
    from serving.service import Service

    assert isinstance(service, Service)
    detector = service.scorer.detector
    click.echo(
        f"Torwart serves on {address} (model {detector.name} {detector.version}, policy "
        f"{service.scorer.policy.version}, {service.worker.memory.seq} events in the log). "
        "Documentation at /docs, Ctrl-C ends.",
    )
    sys.stdout.flush()
