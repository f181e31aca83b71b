"""The service answers only what its own description says, whatever a schema-driven fuzzer sends."""

import os
import subprocess
import sys
from pathlib import Path

from tests.system.running import Server

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")


def test_a_schema_driven_fuzz_finds_documented_answers_only(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text("")
    run = subprocess.run(
        [SCHEMATHESIS, "--config-file", str(config), "run", f"{server.url}/openapi.json", "--header",
         f"X-API-Key: {server.key}", "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--checks",
         "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
         "--seed", "1", "--no-color"],
        capture_output=True, text=True, timeout=540, cwd=tmp_path, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_every_route_is_described_with_its_errors(server: Server) -> None:
    document = server.client.get("/openapi.json").json()
    expected = {
        ("/v1/score", "post"), ("/v1/score/batch", "post"), ("/v1/events", "post"), ("/v1/reports", "post"),
        ("/v1/senders/{sender_id}", "get"), ("/v1/senders/{sender_id}", "put"),
        ("/v1/recipients/{recipient_id}/blocks/{sender_id}", "get"),
        ("/v1/recipients/{recipient_id}/blocks/{sender_id}", "put"),
        ("/v1/recipients/{recipient_id}/blocks/{sender_id}", "delete"),
        ("/v1/decisions/{decision_id}", "get"), ("/v1/decisions/{decision_id}/review", "post"),
        ("/v1/templates/{template_id}", "get"), ("/v1/templates/{template_id}", "put"), ("/v1/model", "get"),
        ("/healthz", "get"), ("/readyz", "get"), ("/metrics", "get"),
    }  # fmt: skip
    described = {(path, method) for path, operations in document["paths"].items() for method in operations}
    assert described == expected
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1/"):
                assert {"401", "403"} <= set(operation["responses"])
    assert "swagger" in server.client.get("/docs").text.lower()
