"""The command ``torwart simulate``. Whatever is heavy is imported where it is used, so that ``--help`` is quick."""

from pathlib import Path

import click

from training.options import FOLDER, JSON, SEED, TEXTS, WORLD, examples, print_json


@click.command(
    epilog=examples(
        "torwart simulate --out data/worlds/one --days 30 --recipients 2000 --seed 1",
        "torwart simulate --out data/worlds/judge --days 10 --recipients 1000 --seed 2 --part judge",
        "torwart simulate --out data/worlds/many --days 30 --recipients 1000 --worlds 40 --vary",
        "torwart simulate --out data/worlds/guarded --days 30 --recipients 1000 --guard models/champion",
    )
)
@click.option("--out", type=FOLDER, required=True, help="Folder to write the event log to; it must hold none yet.")
@click.option("--days", type=click.IntRange(1), required=True, help="How many days to play.")
@click.option("--recipients", type=click.IntRange(1), required=True, help="How many people are written to.")
@SEED
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
@click.option(
    "--guard",
    type=FOLDER,
    help="Folder of a model that stands in the way, with the shipped policy; spammers are told what is refused, and "
    "react.  [default: nothing but a person's block stops a message]",
)
@WORLD
@TEXTS
@JSON
def simulate(
    out: Path,
    days: int,
    recipients: int,
    seed: int,
    part: str,
    worlds: int,
    vary: bool,
    guard: Path | None,
    world: Path | None,
    texts: Path | None,
    as_json: bool,
) -> None:
    """Simulate a messenger with businesses, spammers and people, and write what happens as an event log.

    The truth about every message is written beside the log, in truth.parquet.
    """
    from functools import partial

    import msgspec
    from tqdm.auto import tqdm

    from training.loop.guarded import GuardedSeries
    from training.templates import load
    from training.world.given import library_of
    from training.world.rates import RATES, load_rates
    from training.world.series import Series
    from training.world.simulate import simulate as play
    from training.world.source import source_of

    make = Series if guard is None else partial(GuardedSeries, model=guard)
    series = make(
        rates=load_rates(world or RATES),
        library=load() if texts is None else library_of(texts, part),
        part=part,
        days=days,
        recipients=recipients,
        seed=seed,
        worlds=worlds,
        vary=(world or RATES) if vary else None,
    )
    with tqdm(total=worlds * days, desc="Playing", unit="days", disable=None) as bar:
        summary = play(
            out,
            series,
            world_file=source_of(world or RATES),
            texts_file=None if texts is None else source_of(texts),
            progress=lambda played: bar.update(played - bar.n),
        )
    if as_json:
        print_json(msgspec.to_builtins(summary))
        return
    click.echo(
        f"{out}: {summary.records:,} events of {worlds * days} simulated days, {summary.messages:,} of them messages."
    )
    click.echo("Messages: " + ", ".join(f"{count:,} {label}" for label, count in summary.labels.items()) + ".")
    click.echo(f"Senders: {summary.senders:,}, of them {summary.spam_senders:,} spammers' accounts.")
