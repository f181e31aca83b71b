"""The results as tables and as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from torwart.detector import Detector
from training.loop.play import Setting
from training.samples import templates_fingerprint
from training.table import table
from training.world.source import source_of

from ..output import machine
from ..peers.bogofilter import Bogofilter
from .figures import FIGURES, TOTALS

PACKAGES: Final = ("torwart", "numba", "numpy")


def environment(setting: Setting) -> dict[str, Any]:
    """What the figures may depend on."""
    detector, peer = Detector.load(setting.model), Bogofilter()
    return {
        **machine(PACKAGES),
        "peers": {peer.name: peer.version()} if peer.missing() is None else {},
        "model": f"{detector.name} {detector.version}",
        "world": msgspec.to_builtins(source_of(setting.world)),
        "templates": templates_fingerprint(),
        "days": setting.days,
        "recipients": setting.recipients,
        "part": setting.part,
    }


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


def many_text(many: dict[str, Any]) -> str:
    """What is counted on many worlds."""
    figures = many["figures"]
    rows = [
        (f"{name.replace('_', ' ')} per million", _interval(figures[f"{name}_per_million"]))
        for name in ("wanted_blocked", "wanted_delayed", "wanted_warned")
    ]
    rows += [(f"{name.replace('_', ' ')}, in all", f"{figures['totals'][name]:,}") for name in TOTALS]
    rows.append(("minutes from hijack to restriction, median", _time(figures)))
    for name in ("median", "p90"):
        rows.append((f"campaign deliveries before stop, {name}", f"{figures['campaigns_together'][name]:,.0f}"))
    wanted = figures["wanted_blocked_per_million"]["of"]
    return table(f"Torwart in {many['worlds']} worlds, {wanted:,} wanted messages; simulated", ("", "torwart"), rows)


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
        (f"{name}, in all".replace("_", " "), *(str(one["figures"]["totals"][name]) for one in worlds.values()))
        for name in TOTALS
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
    return f"{one['median']:,.0f} ({one['least']:,.0f} to {one['most']:,.0f})"


def _time(figures: dict[str, Any]) -> str:
    minutes = figures["hijacks_together"]["minutes_median"]
    return "never" if minutes is None else f"{minutes:,.0f}"


def _percent(one: dict[str, float]) -> str:
    return f"{one['median']:+.1%} ({one['least']:+.1%} to {one['most']:+.1%})"


def _interval(one: dict[str, float]) -> str:
    return f"{one['per_million']:,.0f} ({one['low']:,.0f} to {one['high']:,.0f})"


def plot(path: Path, worlds: dict[str, Any]) -> None:
    """Draw unwanted messages delivered a day, all worlds together, and harm against use with the buttons' frontier."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, (by_day, harm) = pyplot.subplots(1, 2, figsize=(11.0, 4.2), layout="constrained")
    for system in worlds["systems"]:
        of_seeds = [[day["unwanted_delivered"] for day in found[system]["days"]] for found in worlds["seeds"]]
        totals = [sum(day) for day in zip(*of_seeds, strict=True)]
        by_day.plot(range(1, len(totals) + 1), totals, marker=".", label=system)
        wanted = sum(found[system]["wanted_sent"] for found in worlds["seeds"])
        blocked = sum(found[system]["wanted_blocked"] for found in worlds["seeds"])
        delivered = sum(found[system]["unwanted_delivered"] for found in worlds["seeds"])
        harm.plot(1e6 * blocked / wanted, delivered, "o", label=system)
    frontier = [
        [sum(one["points"][reports][column] for one in worlds["buttons"]) for column in range(3)]
        for reports in worlds["buttons"][0]["points"]
    ]
    harm.plot(
        [1e6 * blocked / wanted for _, blocked, wanted in frontier], [one[0] for one in frontier], ".:", color="grey"
    )
    by_day.set(xlabel="day", ylabel="unwanted messages delivered", ylim=(0, None))
    by_day.xaxis.get_major_locator().set_params(integer=True)
    harm.set_xscale("symlog", linthresh=10)
    harm.set(xlabel="wanted messages blocked per million", ylabel="unwanted messages delivered", ylim=(0, None))
    harm.legend(fontsize="small", title="dotted: the buttons, 1 to 34 reports", title_fontsize="small")
    figure.suptitle(f"The closed loop: {len(worlds['seeds'])} simulated worlds")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
