"""The offline program's commands. Whatever is heavy is imported where it is used: ``--help`` must not wait for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from training.options import CHAMPION, FILE, FOLDER, JSON, SEED, examples, print_json

if TYPE_CHECKING:
    from training.recipe import Trained

SOME_ROWS_WRONG = 3
"""Exit code of ``score`` and ``features`` when at least one row was wrong."""


@click.command(
    epilog=examples(
        "torwart export --out data/log",
        "torwart export --data /srv/torwart --out data/log --json",
    )
)
@click.option(
    "--data",
    type=FOLDER,
    default="var",
    show_default=True,
    envvar="TORWART_DATA",
    show_envvar=True,
    help="Folder of the database, as given to `torwart serve`.",
)
@click.option("--out", type=FOLDER, required=True, help="Folder to write the event log to, or to bring up to date.")
@JSON
def export(data: Path, out: Path, as_json: bool) -> None:
    """Export a server's event log to Parquet files, which `torwart train` and `torwart evaluate` read.

    Servers may run meanwhile. Run again with the same folder, it adds only what is new; broken off, the folder is a
    finished log of what came before, and the next run goes on from there.
    """
    import msgspec

    from training.export import export_log

    exported = export_log(data, out)
    if as_json:
        print_json(msgspec.to_builtins(exported))
    else:
        click.echo(f"{out}: {exported.records:,} events, {exported.added:,} of them new.")


@click.command(
    epilog=examples(
        "torwart train --events data/worlds/one --out models/candidate --seed 1",
        "torwart train --events data/worlds/one --out models/candidate --corpora corpora",
    )
)
@click.option("--events", type=FOLDER, required=True, help="Folder of an event log whose messages are labelled.")
@click.option("--out", type=FOLDER, required=True, help="Folder to write the model to; it must be empty or absent.")
@click.option(
    "--corpora",
    type=FOLDER,
    help="Folder of CSV files with the columns text and label (ham, promo, spam, smishing) that the text classifier "
    "learns from beside the templates.",
)
@SEED
@JSON
def train(events: Path, out: Path, corpora: Path | None, seed: int, as_json: bool) -> None:
    """Train a model on an event log: fit on its past, calibrate on later days, judge on still later ones.

    Writes a model folder with its card (README.md), and logs the run to the MLflow store beside it (mlflow.db).
    """
    from training.recipe import commands_for
    from training.recipe import train as make

    trained = make(events, out, seed=seed, commands=commands_for(events, out, seed, corpora), corpora=corpora)
    if as_json:
        print_json(_trained_as_json(out, trained))
        return
    from training.report import event_report

    click.echo(event_report(trained.events))
    click.echo(f"\n{out}: model {trained.manifest.version}; its card is {out / 'README.md'}.")


@click.command(
    epilog=examples(
        "torwart evaluate --model models/champion --events data/worlds/judge",
        "torwart evaluate --model models/champion --corpora corpora --json",
    )
)
@click.option("--model", type=FOLDER, required=True, help="Folder of the model.")
@click.option("--events", type=FOLDER, help="Folder of an event log whose messages are labelled.")
@click.option(
    "--corpora", type=FOLDER, help="Folder of CSV files with the columns text and label: the text classifier alone."
)
@click.option("--out", type=FOLDER, help="Folder to write plots to (with --events).")
@JSON
def evaluate(model: Path, events: Path | None, corpora: Path | None, out: Path | None, as_json: bool) -> None:
    """Judge a model: false positives on wanted business messages first, then recall, calibration and modes.

    Of the log that the model was made from, only the last part is used, which it has not seen.
    """
    if (events is None) == (corpora is None):
        raise click.UsageError("Name either --events or --corpora.")
    if corpora is not None and out is not None:
        raise click.UsageError("--out goes with --events: there are no plots for corpora.")
    import msgspec

    from torwart.model.artifact import load
    from training import report

    loaded = load(model)
    if corpora is not None:
        from training.corpora import evaluate_corpora, read_corpora

        on_corpora = evaluate_corpora(loaded.text, read_corpora(corpora))
        if as_json:
            print_json(msgspec.to_builtins(on_corpora))
        else:
            click.echo(report.corpora_report(on_corpora))
    elif events is not None:
        from training.recipe import judge

        on_events, pictures = judge(loaded, events, out)
        if as_json:
            print_json(msgspec.to_builtins(on_events) | {"plots": [str(path) for path in pictures]})
        else:
            click.echo(report.event_report(on_events))
            for path in pictures:
                click.echo(f"Plot: {path}")


@click.command(
    epilog=examples(
        "torwart score --model models/champion --input messages.csv --output scores.csv",
        "torwart score --model models/champion --input messages.jsonl --output scores.parquet --json",
    )
)
@click.option("--model", type=FOLDER, required=True, help="Folder of the model.")
@click.option("--input", "source", type=FILE, required=True, help="Messages: a .csv, .jsonl or .parquet file.")
@click.option("--output", "target", type=FILE, required=True, help="Scores: a .csv, .jsonl or .parquet file.")
@JSON
@click.pass_context
def score(ctx: click.Context, model: Path, source: Path, target: Path, as_json: bool) -> None:
    """Score a file of messages, row by row.

    Columns are named by JSON path (sender.id, message.text.body, context.consent.state …), or a column `message` holds
    the message, or a column `text` its text. A row that is wrong is reported with its number, counted from 1, and does
    not stop the rest.

    Exit code: 0 if every row was scored, 3 if some were wrong, 1 if the file could not be read, 2 for wrong usage.
    """
    import msgspec

    from torwart.detector import Detector
    from training.batch import score_file

    summary = score_file(Detector.load(model), source, target)
    if as_json:
        print_json(msgspec.to_builtins(summary))
    else:
        actions = ", ".join(f"{count:,} {action}" for action, count in summary.actions.items())
        click.echo(f"{target}: {summary.rows:,} rows, {summary.wrong:,} of them wrong. Actions: {actions or 'none'}.")
    ctx.exit(SOME_ROWS_WRONG if summary.wrong else 0)


@click.command(
    epilog=examples(
        "torwart features --events data/worlds/one --out features.parquet",
        "torwart features --events hdfs/log --out features.parquet --engine spark --master spark://host:7077",
        "torwart features --describe",
    )
)
@click.option("--events", type=FOLDER, help="Folder of an event log (torwart export, torwart simulate).")
@click.option("--out", type=click.Path(path_type=Path), help="A .parquet file, or with Spark a folder of them.")
@click.option(
    "--model",
    type=FOLDER,
    default=CHAMPION,
    help="Folder of the model that reads the texts.  [default: the champion]",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="local: one streaming pass on this machine; spark: partitioned by key.",
)
@click.option("--master", default="local[2]", show_default=True, help="Which Spark (with --engine spark).")
@click.option("--describe", is_flag=True, help="Print what every feature is instead.")
@JSON
@click.pass_context
def features(
    ctx: click.Context,
    events: Path | None,
    out: Path | None,
    model: Path,
    engine: str,
    master: str,
    describe: bool,
    as_json: bool,
) -> None:
    """Compute the features of every message of an event log, as the server would have at that moment.

    A wrong row of the log is named, counted and left out.

    Exit code: 0 if every row could be read, 3 if some were wrong, 1 if there is no table, 2 for wrong usage.
    """
    import msgspec

    if describe:
        from training.catalogue_page import described, page

        if as_json:
            print_json(described())
        else:
            click.echo(page(), nl=False)
        return
    if events is None or out is None:
        raise click.UsageError("Name --events and --out, or --describe.")
    from training.log import WrongRows

    wrong = WrongRows()
    if engine == "spark":
        from training import spark

        summary = spark.write_features(events, model, out, wrong, master=master)
    else:
        from torwart.model.artifact import load
        from training.feature_table import write_features

        summary = write_features(events, load(model).text, out, wrong)
    for row in wrong.named:
        click.echo(f"left out: {row}", err=True)
    if as_json:
        print_json(msgspec.to_builtins(summary))
    else:
        click.echo(
            f"{out}: {summary.features} features of {summary.messages:,} messages, from {summary.events:,} events; "
            f"{summary.wrong:,} wrong rows left out."
        )
    ctx.exit(SOME_ROWS_WRONG if summary.wrong else 0)


def _trained_as_json(out: Path, trained: "Trained") -> dict[str, Any]:
    import msgspec

    return {
        "model": str(out),
        "version": trained.manifest.version,
        "mlflow_run_id": trained.run_id,
        "events": msgspec.to_builtins(trained.events),
        "text": msgspec.to_builtins(trained.text),
    }
