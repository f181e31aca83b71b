"""Servers for the system tests."""

from collections.abc import Callable, Iterator

import pytest

from tests.system.running import Server


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers, each on a folder of its own, and ends them after the tests."""
    servers: list[Server] = []

    def start(*options: str) -> Server:
        servers.append(Server(tmp_path_factory.mktemp("data"), *options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    """A fresh server for one module."""
    return start_server()
