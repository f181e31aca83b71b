"""How much spam gets through, and at what harm to honest senders: the closed loop, many times over.

    python -m benchmarks.closed_loop [--seeds 5] [--days 20] [--recipients 1000] [--wanted 3000000] [--sweep] [--http]

Every seed is a world of its own, of texts and brands that no model has seen, with strategies of spammers that none was
trained against. In each, in the same run: no defence; the two buttons alone, at the number of reports that delivers
least unwanted within 10 wanted messages blocked per million; a filter that reads texts alone (Torwart's text
classifier, and bogofilter taught the same templates); Torwart; and Torwart where it may not see the texts. Then Torwart
alone in further worlds like them, until so many wanted messages were sent that what happens seldom is counted. Three
worlds beside them are harder than any real one: a plague of brigades, of hijacked accounts, and a flood of spam.
--sweep plays low and high of every rate that has a range; --http plays one world through `torwart serve`. All figures
are simulated.
"""

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from training.loop.play import MOST_BLOCKED, REPORTS, Setting, best
from training.loop.tally import Outcome
from training.world.rates import ranges

from .closed_loop_parts import http, report
from .closed_loop_parts.figures import SYSTEMS, changes, kept_without_text, summary
from .closed_loop_parts.plays import Task, done, tasks_of
from .output import keep, show, spread

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "closed_loop.json"
PICTURE: Final = HERE.parent / "docs" / "images" / "closed_loop.png"
MODEL: Final = HERE.parent / "models" / "champion"
FULL: Final = (5, 20, 1000)
"""Seeds, days and people of a run whose results are kept, at least."""

SWEPT: Final = (10, 500)
"""Days and people of a swept world: there are two for every range."""

FURTHER_SEED: Final = 301
"""Where the seeds of the further worlds begin; policy and features were chosen by those of 101 to 138 and 401 to 436,
and the figures of earlier models are of those from 201 on."""

HARDER: Final[dict[str, dict[str, float]]] = {
    "brigades": {"brigade.per_1000_senders_month": 250.0, "brigade.members": 0.02},
    "hijacks": {"spam.hijacks_a_year": 1.0, "spam.strategies.hijacked_verified": 8.0},
    "flood": {"spam.messages": 0.2},
}
"""What is other than usual in the harder worlds."""

TARGETS: Final = {
    "against_buttons": -0.9,
    "campaign_deliveries_before_stop_median": 50,
    "campaign_deliveries_before_stop_p90": 500,
    "wanted_blocked_per_million": 1e6 * MOST_BLOCKED,
    "wanted_delayed_per_million": 500,
    "brigaded_restricted": 0,
    "hijack_minutes_to_restriction_median": 30,
    "share_kept_without_text": 0.7,
}
"""What Torwart should reach; misses are printed as they are."""


def main() -> None:
    """Play, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=FULL[0])
    parser.add_argument("--days", type=int, default=FULL[1])
    parser.add_argument("--recipients", type=int, default=FULL[2])
    parser.add_argument("--wanted", type=int, default=3_000_000, help="wanted messages in all that harm is counted on")
    parser.add_argument("--sweep", action="store_true", help="low and high of every rate that has a range")
    parser.add_argument("--http", action="store_true", help="one world through a real server")
    parser.add_argument("--out", type=Path, help="where to write the results as JSON, and beside it the picture")
    options = parser.parse_args()
    before = time.perf_counter()
    first = Setting(days=options.days, recipients=options.recipients, seed=1, model=MODEL)
    settings = [msgspec.structs.replace(first, seed=seed) for seed in range(1, options.seeds + 1)]
    results: dict[str, Any] = {"simulated": True, "environment": report.environment(first), "targets": TARGETS}
    results["worlds"], outcomes = usual(settings)
    show(report.text_of(results["worlds"]))
    results["many"] = many(first, outcomes, options.wanted)
    show(report.many_text(results["many"]))
    results["harder"] = harder(settings)
    show(report.harder_text(results["harder"]))
    if options.sweep:
        results["sweep"] = sweep(msgspec.structs.replace(first, days=SWEPT[0], recipients=SWEPT[1]))
        show(report.sweep_text(results["sweep"]))
    if options.http:
        results["http"] = http.measure(first)
        show(http.text_of(results["http"]))
    results["minutes"] = (time.perf_counter() - before) / 60
    print(f"\nAll of it simulated. This took {results['minutes']:.0f} minutes.")
    whole = (options.seeds, options.days, options.recipients) >= FULL and options.recipients >= FULL[2]
    if out := options.out or (RESULTS if whole else None):
        keep(out, results)
        report.plot(PICTURE if options.out is None else out.with_suffix(".png"), results["worlds"])


def usual(settings: Sequence[Setting]) -> tuple[dict[str, Any], list[Outcome]]:
    """Every system in every world: figures by seed and what they come to; and Torwart's outcomes."""
    tasks = [task for setting in settings for task in tasks_of(setting)]
    found = done(tasks, "Worlds")
    by_seed: list[dict[str, Outcome]] = []
    frontiers = []
    for setting in settings:
        outcomes = {
            task.system: found[task] for task in tasks if task.setting.seed == setting.seed and task.system != "buttons"
        }
        frontier = {
            task.reports: found[task]
            for task in tasks
            if task.setting.seed == setting.seed and task.system == "buttons"
        }
        reports, within = best(frontier)
        outcomes["buttons"] = frontier[reports]
        by_seed.append({system: outcomes[system] for system in SYSTEMS if system in outcomes})
        points = {str(n): [one.unwanted_delivered, one.wanted_blocked, one.wanted_sent] for n, one in frontier.items()}
        frontiers.append({"chosen": reports, "within_caps": within, "points": points})
    systems = list(by_seed[0])
    figures = {
        "systems": {system: summary([outcomes[system] for outcomes in by_seed]) for system in systems},
        "against_buttons": {system: spread(changes(by_seed, system)) for system in systems},
        "share_kept_without_text": kept_without_text(by_seed),
        "buttons": frontiers,
        "seeds": [{system: msgspec.to_builtins(one) for system, one in outcomes.items()} for outcomes in by_seed],
    }
    return figures, [outcomes["torwart"] for outcomes in by_seed]


def many(first: Setting, outcomes: Sequence[Outcome], wanted: int) -> dict[str, Any]:
    """Torwart in further worlds like ``first``, until ``wanted`` messages were sent in all, ``outcomes`` included."""
    known = sum(one.wanted_sent for one in outcomes)
    further = max(0, math.ceil((wanted - known) / known * len(outcomes)))
    seeds = range(FURTHER_SEED, FURTHER_SEED + further)
    found = done([Task("torwart", msgspec.structs.replace(first, seed=seed)) for seed in seeds], "Further worlds")
    together = [*outcomes, *found.values()]
    return {"worlds": len(together), "figures": summary(together)}


def harder(settings: Sequence[Setting]) -> dict[str, Any]:
    """Torwart in worlds in which what is seldom happens often."""
    tasks = {
        (name, setting.seed): Task("torwart", msgspec.structs.replace(setting, changes=tuple(values.items())))
        for name, values in HARDER.items()
        for setting in settings
    }
    found = done(list(tasks.values()), "Harder worlds")
    results: dict[str, Any] = {}
    for name, values in HARDER.items():
        outcomes = [found[task] for (world, _), task in tasks.items() if world == name]
        results[name] = {"changes": values, "figures": summary(outcomes)}
    return results


def sweep(first: Setting) -> list[dict[str, Any]]:
    """Torwart against the buttons at the low and the high end of every rate that has a range."""
    tasks: dict[tuple[str, float], list[Task]] = {}
    for name, range_ in ranges().items():
        for value in (range_.low, range_.high):
            setting = msgspec.structs.replace(first, changes=((name, value),))
            buttons = (Task("buttons", setting, reports) for reports in REPORTS)
            tasks[name, value] = [Task("torwart", setting), *buttons]
    found = done([task for some in tasks.values() for task in some], "Sweep")
    rows = []
    for (name, value), some in tasks.items():
        reports, _ = best({task.reports: found[task] for task in some[1:]})
        buttons = next(found[task] for task in some[1:] if task.reports == reports)
        change = found[some[0]].unwanted_delivered / buttons.unwanted_delivered - 1.0
        rows.append({"rate": name, "value": value, "against_buttons": change})
    return rows


if __name__ == "__main__":
    main()
