import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from torwart.cli import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", ["simulate", "closed-loop", "export", "features", "train", "evaluate", "score"])
def test_the_help_has_examples(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"  torwart {command} " in result.output


def test_the_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, training.cli, training.loop.cli, training.world.cli; "
        "print(sorted({'pandas', 'sklearn', 'mlflow', 'numpy', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_simulate(tmp_path: Path) -> None:
    result = run("simulate", "--out", tmp_path / "w", "--days", 1, "--recipients", 60, "--seed", 1, "--json")
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary["days"] == 1
    assert sum(summary["labels"].values()) == summary["messages"]
    again = run("simulate", "--out", tmp_path / "w", "--days", 1, "--recipients", 60)
    assert again.exit_code == 1
    assert again.stderr.startswith("error: ")


def test_evaluate_on_events(model_folder: Path, log_folder: Path, tmp_path: Path) -> None:
    result = run("evaluate", "--model", model_folder, "--events", log_folder, "--out", tmp_path / "plots")
    assert result.exit_code == 0, result.output
    assert "False positives" in result.stdout
    assert "Plot: " in result.stdout
    as_json = run("evaluate", "--model", model_folder, "--events", log_folder, "--json")
    report = json.loads(as_json.stdout)
    assert report["false_positives"][0]["by"] == "all"
    assert report["simulated"] is True


def test_evaluate_on_corpora(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("text,label\nYour table is booked for 7 pm,ham\n", "utf-8")
    result = run("evaluate", "--model", model_folder, "--corpora", tmp_path, "--json")
    assert json.loads(result.stdout)["business"]["wanted"]["n"] == 1
    assert "private chat" in run("evaluate", "--model", model_folder, "--corpora", tmp_path).stdout.lower()


@pytest.mark.parametrize("both", [True, False])
def test_evaluate_needs_one_kind_of_data(model_folder: Path, tmp_path: Path, both: bool) -> None:
    result = run("evaluate", "--model", model_folder, *(("--events", tmp_path, "--corpora", tmp_path) if both else ()))
    assert result.exit_code == 2
    assert "error: Name either --events or --corpora." in result.stderr


def test_score_tells_by_its_exit_code_whether_every_row_was_right(model_folder: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text\nHello\n", "utf-8")
    arguments = ("score", "--model", model_folder, "--input", source, "--output", target)
    good = run(*arguments, "--json")
    assert (good.exit_code, json.loads(good.stdout)["rows"]) == (0, 1)
    source.write_text("text\nHello\nToo,many\n", "utf-8")
    wrong = run(*arguments)
    assert wrong.exit_code == 3
    assert "row 2: " in wrong.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", "--model", "nowhere", "--input", "in.csv", "--output", "out.csv"),
        ("train", "--events", "nowhere", "--out", "new"),
        ("evaluate", "--model", "nowhere", "--events", "nowhere"),
        ("simulate", "--out", "new", "--days", "1", "--recipients", "5", "--world", "nowhere.toml"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("error: ")
    assert "nowhere" in result.stderr
