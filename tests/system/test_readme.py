"""The README's commands, typed in order, give the answers that it prints."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.system.running import Server

ROOT = Path(__file__).parents[2]
BLOCKS = re.compile(r"```sh\n(.*?)```\n```json\n(.*?)```", re.DOTALL)


def told(answer: str) -> list[str]:
    """What was decided, in order: everything but digits that move with the clock and the next retraining."""
    return re.findall(r'"(?:decision_id|message_id|status|action|cause|blocked)": ?[^,\n]+', answer)


def test_the_readmes_commands_answer_as_printed(start_server: Callable[..., Server]) -> None:
    server = start_server()
    blocks = BLOCKS.findall((ROOT / "README.md").read_text("utf-8"))
    assert len(blocks) == 5
    script = "\n".join(f"{commands}\necho '=====' " for commands, _ in blocks)
    run = subprocess.run(
        ["bash", "-c", script.replace("localhost:8080", f"127.0.0.1:{server.port}")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KEY": server.key},
        check=True,
        timeout=120,
    )
    answers = run.stdout.split("=====")
    for (commands, printed), answer in zip(blocks, answers, strict=False):
        assert told(printed), commands
        assert [pair.replace(" ", "") for pair in told(answer)] == [pair.replace(" ", "") for pair in told(printed)]
