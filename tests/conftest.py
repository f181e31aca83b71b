"""What all tests share."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

# Threads of scikit-learn's that wait for each other do so without keeping a core busy, which other work may need.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# The first call of a compiled function compiles it, so no example has a deadline.
settings.register_profile("torwart", deadline=None)
settings.load_profile("torwart")

NO_SKIPS = os.environ.get("TORWART_NO_SKIPS") == "1"


PEERS = "tests/benchmarks/test_peers.py"
"""Tests of programs that only a benchmark compares with; the project needs none of them."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed, a test that skips for want of something has not been run: count it as failed."""
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail") and not report.nodeid.startswith(PEERS):
        report.outcome = "failed"
        report.longrepr = f"skipped, but TORWART_NO_SKIPS is set: {report.longrepr}"
    return report
