"""What many worlds come to."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from training.intervals import rate_of
from training.loop.tally import Outcome, median_time, quantile

from ..output import spread

WITHHELD: Final = "torwart, text withheld"
SYSTEMS: Final = ("none", "buttons", "content", "bogofilter", "torwart", WITHHELD)

FIGURES: Final = tuple(name for name in Outcome.__struct_fields__ if Outcome.__annotations__[name] in (int, float))

TOTALS: Final = ("brigaded_senders", "brigaded_restricted", "hijacks", "hijacks_restricted")


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Median and range of every figure over the seeds; shares of the wanted messages of all seeds together."""
    found: dict[str, Any] = {name: spread([getattr(one, name) for one in outcomes]) for name in FIGURES}
    wanted = sum(one.wanted_sent for one in outcomes)
    found["totals"] = {name: sum(getattr(one, name) for one in outcomes) for name in TOTALS}
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


def changes(by_seed: Sequence[dict[str, Outcome]], system: str) -> list[float]:
    """Unwanted delivered against the two buttons, seed by seed: -0.9 is nine tenths less."""
    return [found[system].unwanted_delivered / found["buttons"].unwanted_delivered - 1.0 for found in by_seed]


def kept_without_text(by_seed: Sequence[dict[str, Outcome]]) -> dict[str, float]:
    """How much of the reduction remains where the texts may not be seen."""
    pairs = zip(changes(by_seed, WITHHELD), changes(by_seed, "torwart"), strict=True)
    return spread([without / with_ if with_ else 0.0 for without, with_ in pairs])


def per_million(count: int, of: int) -> dict[str, float]:
    """A share per million with its exact 95 % interval."""
    rate = rate_of(count, of)
    return {"count": count, "of": of, "per_million": 1e6 * rate.rate, "low": 1e6 * rate.low, "high": 1e6 * rate.high}
