"""How much spam gets through, and at what harm to honest senders: the closed loop, many times over.

    python -m benchmarks.closed_loop [--seeds 5] [--days 20] [--recipients 1000] [--sweep] [--http] [--out FILE]

Every seed is a world of its own, of texts and brands that no model has seen, with strategies of spammers that none was
trained against. In each, in the same run: no defence; the two buttons alone, at the number of reports that delivers
least unwanted within 10 wanted messages blocked per million; a filter that reads texts alone (Torwart's text
classifier, and bogofilter taught the same templates); Torwart; and Torwart where it may not see the texts. Three worlds
beside them are harder than any real one, to see what happens seldom: a plague of brigades, of hijacked accounts, and a
flood of spam. --sweep plays low and high of every rate that has a range; --http plays one world through
`torwart serve`. All figures are simulated.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from tqdm.auto import tqdm

from training.intervals import rate_of
from training.loop.gates import Content
from training.loop.play import MOST_BLOCKED, REPORTS, Play, Setting, best, played, run
from training.loop.tally import Outcome, median_time, quantile
from training.recipe import TEXT_PARTS
from training.samples import text_samples
from training.table import table
from training.templates import load
from training.world.rates import ranges

from .closed_loop_parts import http
from .closed_loop_parts.report import environment, plot
from .output import keep, show
from .peers.bogofilter import Bogofilter

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "closed_loop.json"
PICTURE: Final = HERE.parent / "docs" / "images" / "closed_loop.png"
MODEL: Final = HERE.parent / "models" / "champion"
WORKERS: Final = 2
FULL: Final = (5, 20, 1000)
"""Seeds, days and people of a run whose results are kept, at least."""

HAM_FLAGGED: Final = 0.005
"""Share of the wanted validation texts that bogofilter's threshold flags at most, as in benchmarks/content.py."""

SYSTEMS: Final = ("none", "buttons", "content", "bogofilter", "torwart", "torwart, text withheld")

HARDER: Final[dict[str, dict[str, float]]] = {
    "brigades": {"brigade.per_1000_senders_month": 250.0, "brigade.members": 0.02},
    "hijacks": {"spam.hijacks_a_year": 1.0, "spam.strategies.hijacked_verified": 8.0},
    "flood": {"spam.messages": 0.2},
}
"""What is other than usual in the harder worlds."""

TOTALS: Final = ("brigaded_senders", "brigaded_restricted", "hijacks", "hijacks_restricted")

FIGURES: Final = tuple(name for name in Outcome.__struct_fields__ if Outcome.__annotations__[name] in (int, float))


class Task(msgspec.Struct, frozen=True):
    """One system in one world, done by a worker."""

    system: str
    setting: Setting
    reports: int = 0


def main() -> None:
    """Play, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=FULL[0])
    parser.add_argument("--days", type=int, default=FULL[1])
    parser.add_argument("--recipients", type=int, default=FULL[2])
    parser.add_argument("--sweep", action="store_true", help="low and high of every rate that has a range")
    parser.add_argument("--http", action="store_true", help="one world through a real server")
    parser.add_argument("--out", type=Path, help="where to write the results as JSON, and beside it the picture")
    options = parser.parse_args()
    before = time.perf_counter()
    first = Setting(days=options.days, recipients=options.recipients, seed=1, model=MODEL)
    settings = [msgspec.structs.replace(first, seed=seed) for seed in range(1, options.seeds + 1)]
    results: dict[str, Any] = {"simulated": True, "environment": environment(first), "targets": TARGETS}
    results["worlds"] = usual(settings)
    show(text_of(results["worlds"]))
    results["harder"] = harder(settings)
    show(harder_text(results["harder"]))
    if options.sweep:
        results["sweep"] = sweep(first)
        show(sweep_text(results["sweep"]))
    if options.http:
        results["http"] = http.measure(first)
        show(http.text_of(results["http"]))
    results["minutes"] = (time.perf_counter() - before) / 60
    print(f"\nAll of it simulated. This took {results['minutes']:.0f} minutes.")
    whole = (options.seeds, options.days, options.recipients) >= FULL and options.recipients >= FULL[2]
    if out := options.out or (RESULTS if whole else None):
        keep(out, results)
        plot(PICTURE if options.out is None else out.with_suffix(".png"), results["worlds"])


def usual(settings: Sequence[Setting]) -> dict[str, Any]:
    """Every system in every world: figures by seed, and what they come to."""
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
    return {
        "systems": {system: summary([outcomes[system] for outcomes in by_seed]) for system in systems},
        "against_buttons": {system: spread(changes(by_seed, system)) for system in systems},
        "share_kept_without_text": kept_without_text(by_seed),
        "buttons": frontiers,
        "seeds": [{system: msgspec.to_builtins(one) for system, one in outcomes.items()} for outcomes in by_seed],
    }


def tasks_of(setting: Setting) -> list[Task]:
    """What is played in one world, the longest first."""
    withheld = msgspec.structs.replace(setting, withheld=True)
    peer = [] if Bogofilter().missing() else [Task("bogofilter", setting)]
    return [
        Task("torwart", setting),
        *peer,
        Task("torwart, text withheld", withheld),
        Task("content", setting),
        *(Task("buttons", setting, reports) for reports in REPORTS),
        Task("none", setting),
    ]


def done(tasks: Sequence[Task], title: str) -> dict[Task, Outcome]:
    """Do the tasks in two processes."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        outcomes = tqdm(pool.map(do, tasks), title, total=len(tasks), unit="plays", disable=None)
        return dict(zip(tasks, outcomes, strict=True))


def do(task: Task) -> Outcome:
    """Play one world under one system, in this process."""
    if task.system == "bogofilter":
        return with_bogofilter(task.setting)
    return played(task.setting, Play(task.system.partition(",")[0], task.reports))


def with_bogofilter(setting: Setting) -> Outcome:
    """The block button and bogofilter. What an undefended world writes is scored at once, what is new, one by one."""
    samples = text_samples(load().part(*TEXT_PARTS), setting.seed)
    texts, labels = np.array(samples.texts, dtype=object), np.array(samples.labels)
    # Every fifth family sets the threshold.
    _, family = np.unique(samples.groups, return_inverse=True)
    validates = family % 5 == 0
    peer = Bogofilter()
    try:
        peer.fit(texts[~validates].tolist(), np.isin(labels[~validates], ("spam", "fraud")))
        ham = texts[validates & (labels == "wanted")].tolist()
        threshold = np.nextafter(np.quantile(peer.scores(ham), 1.0 - HAM_FLAGGED), 2.0)
        seen: dict[str, bool] = {}

        def remember(text: str) -> bool:
            seen[text] = False
            return False

        run(setting, Content(remember))
        seen = dict(zip(seen, (peer.scores(list(seen)) >= threshold).tolist(), strict=True))
        return run(
            setting, Content(lambda text: seen[text] if text in seen else bool(peer.scores([text])[0] >= threshold))
        )
    finally:
        peer.close()


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Median and range of every figure over the seeds; shares of the wanted messages of all seeds together."""
    found: dict[str, Any] = {name: spread(getattr(one, name) for one in outcomes) for name in FIGURES}
    wanted = sum(one.wanted_sent for one in outcomes)
    for name in ("wanted_blocked", "wanted_delayed", "wanted_warned"):
        found[f"{name}_per_million"] = per_million(sum(getattr(one, name) for one in outcomes), wanted)
    deliveries = sorted(count for one in outcomes for count in one.campaign_deliveries)
    found["campaigns_together"] = {"median": quantile(deliveries, 0.5), "p90": quantile(deliveries, 0.9)}
    minutes = sorted(time for one in outcomes for time in one.hijack_minutes)
    hijacks = sum(one.hijacks for one in outcomes)
    found["hijacks_together"] = {
        "hijacks": hijacks,
        "restricted": len(minutes),
        "minutes_median": median_time(minutes, hijacks),
    }
    for name in ("wanted_blocked_by", "honest_restricted_by"):
        found[name] = dict(sum((Counter(getattr(one, name)) for one in outcomes), Counter()))
    found["unwanted_by"] = {
        kind: [sum(one.unwanted_by[kind].sent for one in some), sum(one.unwanted_by[kind].delivered for one in some)]
        for kind in sorted({kind for one in outcomes for kind in one.unwanted_by})
        if (some := [one for one in outcomes if kind in one.unwanted_by])
    }
    return found


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, least and most."""
    known = [float(value) for value in values]
    return {"median": statistics.median(known), "low": min(known), "high": max(known)}


def changes(by_seed: Sequence[dict[str, Outcome]], system: str) -> list[float]:
    """Unwanted delivered against the two buttons, seed by seed: -0.9 is nine tenths less."""
    return [found[system].unwanted_delivered / found["buttons"].unwanted_delivered - 1.0 for found in by_seed]


def kept_without_text(by_seed: Sequence[dict[str, Outcome]]) -> dict[str, float]:
    """How much of the reduction remains where the texts may not be seen."""
    pairs = zip(changes(by_seed, SYSTEMS[-1]), changes(by_seed, "torwart"), strict=True)
    return spread(without / with_ if with_ else 0.0 for without, with_ in pairs)


def per_million(count: int, of: int) -> dict[str, float]:
    """A share per million with its exact 95 % interval."""
    rate = rate_of(count, of)
    return {"count": count, "of": of, "per_million": 1e6 * rate.rate, "low": 1e6 * rate.low, "high": 1e6 * rate.high}


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
        totals = {name: sum(getattr(one, name) for one in outcomes) for name in TOTALS}
        results[name] = {"changes": values, "totals": totals, "figures": summary(outcomes)}
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


def text_of(worlds: dict[str, Any]) -> str:
    """Every system, figures as median over the seeds (least to most)."""
    systems = worlds["systems"]
    rows = [(name.replace("_", " "), *(_shown(figures[name]) for figures in systems.values())) for name in FIGURES]
    rows += [
        (f"{name} per million".replace("_", " "), *(_interval(one[f"{name}_per_million"]) for one in systems.values()))
        for name in ("wanted_blocked", "wanted_delayed")
    ]
    rows.append(("minutes from hijack to restriction, median", *(_time(one) for one in systems.values())))
    rows.append(
        ("unwanted delivered against the buttons", *(_percent(one) for one in worlds["against_buttons"].values()))
    )
    kept = worlds["share_kept_without_text"]
    return "\n\n".join(
        (
            table("Median over the worlds (least to most); simulated", ("", *systems), rows),
            f"Without texts {_percent(kept)} of the reduction remains. Reports that ban under the buttons: "
            + ", ".join(str(one["chosen"]) for one in worlds["buttons"]),
        )
    )


def harder_text(worlds: dict[str, Any]) -> str:
    """The harder worlds."""
    names = (
        "unwanted_sent",
        "unwanted_delivered",
        "campaign_deliveries_before_stop_median",
        "campaign_deliveries_before_stop_p90",
    )
    rows = [(name.replace("_", " "), *(_shown(one["figures"][name]) for one in worlds.values())) for name in names]
    rows += [
        (f"{name}, in all".replace("_", " "), *(str(one["totals"][name]) for one in worlds.values())) for name in TOTALS
    ]
    rows.append(("minutes from hijack to restriction", *(_time(one["figures"]) for one in worlds.values())))
    rows.append(
        (
            "wanted blocked per million",
            *(_interval(one["figures"]["wanted_blocked_per_million"]) for one in worlds.values()),
        )
    )
    return table("Torwart in harder worlds; simulated", ("", *worlds), rows)


def sweep_text(rows: Sequence[dict[str, Any]]) -> str:
    """The sweep."""
    shown = [(row["rate"], f"{row['value']:g}", f"{row['against_buttons']:+.1%}") for row in rows]
    return table("Unwanted delivered against the buttons; simulated", ("rate", "value", "change"), shown)


def _shown(one: dict[str, float]) -> str:
    return f"{one['median']:,.0f} ({one['low']:,.0f} to {one['high']:,.0f})"


def _time(figures: dict[str, Any]) -> str:
    minutes = figures["hijacks_together"]["minutes_median"]
    return "never" if minutes is None else f"{minutes:,.0f}"


def _percent(one: dict[str, float]) -> str:
    return f"{one['median']:+.1%} ({one['low']:+.1%} to {one['high']:+.1%})"


def _interval(one: dict[str, float]) -> str:
    return f"{one['per_million']:,.0f} ({one['low']:,.0f} to {one['high']:,.0f})"


if __name__ == "__main__":
    main()
