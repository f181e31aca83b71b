"""The offline program's commands. Whatever is heavy is imported where it is used: ``--help`` must not wait for it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from training.recipe import Trained

SOME_ROWS_WRONG = 3
"""Exit code of ``score`` when at least one row could not be scored."""

_CHAMPION = Path(__file__).resolve().parent.parent / "models" / "champion"
_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_SEED = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Same seed, same result."
)
_WORLD = click.option("--world", type=_FILE, help="Another file of rates than the shipped one.")
_TEXTS = click.option(
    "--texts",
    type=_FILE,
    help="A CSV file of texts to send in place of the templates: columns text and label (wanted, promo, spam, fraud), "
    "and if you like lang and kind.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")


def _examples(*commands: str) -> str:
    """Example calls for the end of a help text, which click must not wrap."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


@click.command(
    epilog=_examples(
        "torwart simulate --out data/worlds/one --days 30 --recipients 2000 --seed 1",
        "torwart simulate --out data/worlds/judge --days 10 --recipients 1000 --seed 2 --part judge",
        "torwart simulate --out data/worlds/many --days 30 --recipients 1000 --worlds 40 --vary",
    )
)
@click.option("--out", type=_FOLDER, required=True, help="Folder to write the event log to; it must hold none yet.")
@click.option("--days", type=click.IntRange(1), required=True, help="How many days to play.")
@click.option("--recipients", type=click.IntRange(1), required=True, help="How many people are written to.")
@_SEED
@click.option(
    "--part",
    type=click.Choice(["world", "judge"]),
    default="world",
    show_default=True,
    help="Which templates and brands: those to learn from, or those to judge with.",
)
@click.option(
    "--worlds",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="How many worlds to play one after the other, each with people, businesses and spammers of its own.",
)
@click.option("--vary", is_flag=True, help="Let each world draw its own rates, from the ranges in the file of rates.")
@_WORLD
@_TEXTS
@_JSON
def simulate(
    out: Path,
    days: int,
    recipients: int,
    seed: int,
    part: str,
    worlds: int,
    vary: bool,
    world: Path | None,
    texts: Path | None,
    as_json: bool,
) -> None:
    """Simulate a messenger with businesses, spammers and people, and write what happens as an event log.

    The truth about every message is written beside the log, in truth.parquet.
    """
    import msgspec
    from tqdm.auto import tqdm

    from training.templates import load
    from training.world.given import library_of
    from training.world.rates import RATES, load_rates
    from training.world.simulate import simulate as play
    from training.world.source import source_of

    rates = load_rates(world or RATES)
    library = load() if texts is None else library_of(texts, part)
    with tqdm(total=worlds * days, desc="Playing", unit="days", disable=None) as bar:
        summary = play(
            out,
            days=days,
            recipients=recipients,
            seed=seed,
            rates=rates,
            library=library,
            part=part,
            worlds=worlds,
            vary=(world or RATES) if vary else None,
            world_file=source_of(world or RATES),
            texts_file=None if texts is None else source_of(texts),
            progress=lambda played: bar.update(played - bar.n),
        )
    if as_json:
        _print_json(msgspec.to_builtins(summary))
        return
    click.echo(
        f"{out}: {summary.records:,} events of {worlds * days} simulated days, {summary.messages:,} of them messages."
    )
    click.echo("Messages: " + ", ".join(f"{count:,} {label}" for label, count in summary.labels.items()) + ".")
    click.echo(f"Senders: {summary.senders:,}, of them {summary.spam_senders:,} spammers' accounts.")


@click.command(
    epilog=_examples(
        "torwart export --out data/log",
        "torwart export --data /srv/torwart --out data/log --json",
    )
)
@click.option(
    "--data",
    type=_FOLDER,
    default="var",
    show_default=True,
    envvar="TORWART_DATA",
    show_envvar=True,
    help="Folder of the database, as given to `torwart serve`.",
)
@click.option("--out", type=_FOLDER, required=True, help="Folder to write the event log to, or to bring up to date.")
@_JSON
def export(data: Path, out: Path, as_json: bool) -> None:
    """Export a server's event log to Parquet files, which `torwart train` and `torwart evaluate` read.

    Servers may run meanwhile. Run again with the same folder, it adds only what is new; broken off, the folder is a
    finished log of what came before, and the next run goes on from there.
    """
    import msgspec

    from training.export import export_log

    exported = export_log(data, out)
    if as_json:
        _print_json(msgspec.to_builtins(exported))
    else:
        click.echo(f"{out}: {exported.records:,} events, {exported.added:,} of them new.")


@click.command(
    epilog=_examples(
        "torwart train --events data/worlds/one --out models/candidate --seed 1",
        "torwart train --events data/worlds/one --out models/candidate --corpora corpora",
    )
)
@click.option("--events", type=_FOLDER, required=True, help="Folder of an event log whose messages are labelled.")
@click.option("--out", type=_FOLDER, required=True, help="Folder to write the model to; it must be empty or absent.")
@click.option(
    "--corpora",
    type=_FOLDER,
    help="Folder of CSV files with the columns text and label (ham, promo, spam, smishing) that the text classifier "
    "learns from beside the templates.",
)
@_SEED
@_JSON
def train(events: Path, out: Path, corpora: Path | None, seed: int, as_json: bool) -> None:
    """Train a model on an event log: fit on its past, calibrate on later days, judge on still later ones.

    Writes a model folder with its card (README.md), and logs the run to the MLflow store beside it (mlflow.db).
    """
    from training.recipe import commands_for
    from training.recipe import train as make

    trained = make(events, out, seed=seed, commands=commands_for(events, out, seed, corpora), corpora=corpora)
    if as_json:
        _print_json(_trained_as_json(out, trained))
        return
    from training.report import event_report

    click.echo(event_report(trained.events))
    click.echo(f"\n{out}: model {trained.manifest.version}; its card is {out / 'README.md'}.")


@click.command(
    epilog=_examples(
        "torwart evaluate --model models/champion --events data/worlds/judge",
        "torwart evaluate --model models/champion --corpora corpora --json",
    )
)
@click.option("--model", type=_FOLDER, required=True, help="Folder of the model.")
@click.option("--events", type=_FOLDER, help="Folder of an event log whose messages are labelled.")
@click.option(
    "--corpora", type=_FOLDER, help="Folder of CSV files with the columns text and label: the text classifier alone."
)
@click.option("--out", type=_FOLDER, help="Folder to write plots to (with --events).")
@_JSON
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
            _print_json(msgspec.to_builtins(on_corpora))
        else:
            click.echo(report.corpora_report(on_corpora))
    elif events is not None:
        from training.recipe import judge

        on_events, pictures = judge(loaded, events, out)
        if as_json:
            _print_json(msgspec.to_builtins(on_events) | {"plots": [str(path) for path in pictures]})
        else:
            click.echo(report.event_report(on_events))
            for path in pictures:
                click.echo(f"Plot: {path}")


@click.command(
    epilog=_examples(
        "torwart score --model models/champion --input messages.csv --output scores.csv",
        "torwart score --model models/champion --input messages.jsonl --output scores.parquet --json",
    )
)
@click.option("--model", type=_FOLDER, required=True, help="Folder of the model.")
@click.option("--input", "source", type=_FILE, required=True, help="Messages: a .csv, .jsonl or .parquet file.")
@click.option("--output", "target", type=_FILE, required=True, help="Scores: a .csv, .jsonl or .parquet file.")
@_JSON
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
        _print_json(msgspec.to_builtins(summary))
    else:
        actions = ", ".join(f"{count:,} {action}" for action, count in summary.actions.items())
        click.echo(f"{target}: {summary.rows:,} rows, {summary.wrong:,} of them wrong. Actions: {actions or 'none'}.")
    ctx.exit(SOME_ROWS_WRONG if summary.wrong else 0)


@click.command(
    epilog=_examples(
        "torwart features --events data/worlds/one --out features.parquet",
        "torwart features --events hdfs/log --out features.parquet --engine spark --master spark://host:7077",
        "torwart features --describe",
    )
)
@click.option("--events", type=_FOLDER, help="Folder of an event log (torwart export, torwart simulate).")
@click.option("--out", type=click.Path(path_type=Path), help="A .parquet file, or with Spark a folder of them.")
@click.option(
    "--model",
    type=_FOLDER,
    default=_CHAMPION,
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
@_JSON
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
            _print_json(described())
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
        _print_json(msgspec.to_builtins(summary))
    else:
        click.echo(
            f"{out}: {summary.features} features of {summary.messages:,} messages, from {summary.events:,} events; "
            f"{summary.wrong:,} wrong rows left out."
        )
    ctx.exit(SOME_ROWS_WRONG if summary.wrong else 0)


@click.command(
    "closed-loop",
    epilog=_examples(
        "torwart closed-loop --days 20 --seed 1",
        "torwart closed-loop --days 20 --seed 1 --policy torwart --json",
        "torwart closed-loop --days 20 --seed 1 --texts messages.csv --out plots",
    ),
)
@click.option("--days", type=click.IntRange(1), required=True, help="How many days to play.")
@click.option(
    "--recipients", type=click.IntRange(1), default=1000, show_default=True, help="How many people are written to."
)
@_SEED
@click.option(
    "--policy",
    type=click.Choice(["none", "buttons", "content", "torwart"]),
    help="One defence alone.  [default: all four]",
)
@click.option(
    "--part",
    type=click.Choice(["world", "judge"]),
    default="judge",
    show_default=True,
    help="Which templates and brands: those that models learn from, or those that no model has seen.",
)
@_WORLD
@_TEXTS
@click.option("--model", type=_FOLDER, default=_CHAMPION, help="Folder of the model.  [default: the champion]")
@click.option("--withheld", is_flag=True, help="Torwart may not see the texts, as with end-to-end encryption.")
@click.option("--out", type=_FOLDER, help="Folder to write plots to.")
@_JSON
def closed_loop(
    days: int,
    recipients: int,
    seed: int,
    policy: str | None,
    part: str,
    world: Path | None,
    texts: Path | None,
    model: Path,
    withheld: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Play one world under four defences: how much spam gets through, and what that costs honest senders.

    none: no defence. buttons: a person's block holds for that person, and enough reports ban a sender. content: blocks,
    and the text classifier alone. torwart: model, policy and a provisional restriction of senders. Spammers are told
    what is refused, and react. All figures are simulated.
    """
    from tqdm.auto import tqdm

    from training.loop import report
    from training.loop.play import POLICIES, Setting, compare
    from training.world.rates import RATES

    setting = Setting(
        days=days,
        recipients=recipients,
        seed=seed,
        model=model,
        part=part,
        world=world or RATES,
        texts=texts,
        withheld=withheld,
    )
    with tqdm(desc="Playing", unit="worlds", disable=None) as bar:

        def show(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        comparison = compare(setting, (policy,) if policy else POLICIES, show)
    pictures = report.plot(comparison, out) if out is not None else []
    if as_json:
        _print_json(report.as_json(comparison) | {"plots": [str(path) for path in pictures]})
        return
    click.echo(report.as_text(comparison))
    for path in pictures:
        click.echo(f"Plot: {path}")


def _trained_as_json(out: Path, trained: "Trained") -> dict[str, Any]:
    import msgspec

    return {
        "model": str(out),
        "version": trained.manifest.version,
        "mlflow_run_id": trained.run_id,
        "events": msgspec.to_builtins(trained.events),
        "text": msgspec.to_builtins(trained.text),
    }


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
