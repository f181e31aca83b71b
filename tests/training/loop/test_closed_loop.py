"""The command, with a model made for the tests."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from torwart.cli import main
from training.loop.play import POLICIES, REPORTS, best
from training.loop.tally import Outcome

ASKED = (
    "wanted_sent",
    "unwanted_sent",
    "unwanted_delivered",
    "fraud_delivered",
    "wanted_blocked",
    "wanted_delayed",
    "campaign_deliveries_before_stop_median",
    "campaign_deliveries_before_stop_p90",
    "honest_senders_restricted",
    "hijack_minutes_to_restriction_median",
    "days",
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["closed-loop", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def compared(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    plots = tmp_path_factory.mktemp("plots")
    result = run("--days", 3, "--recipients", 120, "--seed", 2, "--model", model_folder, "--out", plots, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_all_four_are_compared(compared: dict[str, Any]) -> None:
    assert compared["simulated"] is True
    assert tuple(compared["policies"]) == POLICIES
    for outcome in compared["policies"].values():
        assert set(ASKED) <= set(outcome)
        assert len(outcome["days"]) == 3
    none = compared["policies"]["none"]
    assert none["unwanted_delivered"] == none["unwanted_sent"] > 0
    assert compared["policies"]["torwart"]["unwanted_delivered"] < none["unwanted_delivered"]
    assert [point["reports"] for point in compared["buttons_frontier"]] == list(REPORTS)
    assert compared["buttons_reports"] in REPORTS
    assert len(compared["world"]["sha256"]) == 64
    assert all(Path(path).stat().st_size > 1000 for path in compared["plots"])
    assert len(compared["plots"]) == 2


def test_one_alone_comes_to_the_same(compared: dict[str, Any], model_folder: Path) -> None:
    result = run(
        "--days", 3, "--recipients", 120, "--seed", 2, "--model", model_folder, "--policy", "torwart", "--json"
    )
    assert json.loads(result.stdout)["policies"] == {"torwart": compared["policies"]["torwart"]}


def test_people_read_that_it_is_simulated(model_folder: Path) -> None:
    result = run("--days", 1, "--recipients", 40, "--policy", "none", "--model", model_folder)
    assert result.exit_code == 0, result.output
    assert "simulated" in result.stdout
    assert "hijacked verified senders" in result.stdout


def test_wrong_input_is_one_sentence(tmp_path: Path, model_folder: Path) -> None:
    texts = tmp_path / "texts.csv"
    texts.write_text("text,label\nHello,nice\n", "utf-8")
    for wrong, sentence in (
        (("--texts", texts), "label 'nice' should be one of"),
        (("--world", tmp_path / "none.toml"), "There is no file of rates"),
    ):
        result = run("--days", 1, "--policy", "none", "--model", model_folder, *wrong)
        assert result.exit_code == 1
        assert result.stderr.startswith("error: ")
        assert sentence in result.stderr
    assert "error: " in run("--days", 1, "--policy", "none", "--model", tmp_path).stderr


def outcome(unwanted: int, blocked: int) -> Outcome:
    none: dict[str, Any] = dict.fromkeys(Outcome.__struct_fields__, 0) | {
        "unwanted_by": {},
        "days": [],
        "wanted_blocked_by": {},
        "honest_restricted_by": {},
        "campaign_deliveries": [],
        "hijack_minutes": [],
    }
    return msgspec.convert(
        none | {"unwanted_delivered": unwanted, "wanted_blocked": blocked, "wanted_sent": 10**6}, Outcome
    )


def test_the_best_number_of_reports_harms_few() -> None:
    assert best({1: outcome(10, 500), 2: outcome(20, 10), 3: outcome(30, 0)}) == (2, True)
    assert best({1: outcome(10, 500), 2: outcome(20, 11)}) == (2, False)
