"""The command ``torwart closed-loop``. Whatever is heavy is imported where it is used, so that ``--help`` is quick."""

from pathlib import Path

import click

from training.options import CHAMPION, FOLDER, JSON, SEED, TEXTS, WORLD, examples, print_json


@click.command(
    "closed-loop",
    epilog=examples(
        "torwart closed-loop --days 20 --seed 1",
        "torwart closed-loop --days 20 --seed 1 --policy torwart --json",
        "torwart closed-loop --days 20 --seed 1 --texts messages.csv --out plots",
    ),
)
@click.option("--days", type=click.IntRange(1), required=True, help="How many days to play.")
@click.option(
    "--recipients", type=click.IntRange(1), default=1000, show_default=True, help="How many people are written to."
)
@SEED
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
@WORLD
@TEXTS
@click.option("--model", type=FOLDER, default=CHAMPION, help="Folder of the model.  [default: the champion]")
@click.option("--withheld", is_flag=True, help="Torwart may not see the texts, as with end-to-end encryption.")
@click.option("--out", type=FOLDER, help="Folder to write plots to.")
@JSON
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
        print_json(report.as_json(comparison) | {"plots": [str(path) for path in pictures]})
        return
    click.echo(report.as_text(comparison))
    for path in pictures:
        click.echo(f"Plot: {path}")
