"""What a comparison came to: as a table, as JSON and as plots. Every figure in it is simulated."""

from pathlib import Path
from typing import Any, Final

import msgspec

from training.loop.play import Comparison
from training.loop.tally import Outcome
from training.table import number, table
from training.world.source import source_of

NOTE: Final = "These figures are simulated: a world of invented senders and people, whose rates are mostly assumptions."

_ROWS: Final = (
    ("wanted messages sent", "wanted_sent"),
    ("  blocked", "wanted_blocked"),
    ("  held or slowed", "wanted_delayed"),
    ("  delivered with a warning", "wanted_warned"),
    ("unwanted messages sent", "unwanted_sent"),
    ("  delivered", "unwanted_delivered"),
    ("  of these with a warning", "unwanted_warned"),
    ("  of these fraud", "fraud_delivered"),
    ("fraud campaigns that began", "campaigns"),
    ("  deliveries, median", "campaign_deliveries_before_stop_median"),
    ("  deliveries, 90th percentile", "campaign_deliveries_before_stop_p90"),
    ("honest senders", "honest_senders"),
    ("  restricted", "honest_senders_restricted"),
    ("  attacked by a brigade", "brigaded_senders"),
    ("  of these restricted", "brigaded_restricted"),
    ("hijacked verified senders", "hijacks"),
    ("  restricted", "hijacks_restricted"),
    ("  minutes to restriction, median", "hijack_minutes_to_restriction_median"),
)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison for machines. ``against_buttons`` is the change in unwanted messages delivered, -1 to 0 for less."""
    setting, outcomes = comparison.setting, comparison.outcomes
    return {
        "simulated": True,
        "days": setting.days,
        "seed": setting.seed,
        "recipients": setting.recipients,
        "part": setting.part,
        "text_withheld": setting.withheld,
        "world": msgspec.to_builtins(source_of(setting.world)),
        "model": comparison.model,
        "texts": None if setting.texts is None else msgspec.to_builtins(source_of(setting.texts)),
        "policies": {name: msgspec.to_builtins(outcome) for name, outcome in outcomes.items()},
        "against_buttons": {
            name: change for name, outcome in outcomes.items() if (change := against(outcomes, outcome)) is not None
        },
        "buttons_reports": comparison.buttons_reports,
        "buttons_within_caps": comparison.buttons_within_caps,
        "buttons_frontier": [
            {
                "reports": reports,
                "unwanted_delivered": found.unwanted_delivered,
                "wanted_blocked": found.wanted_blocked,
                "wanted_blocked_per_million": per_million(found.wanted_blocked, found),
                "honest_senders_restricted": found.honest_senders_restricted,
            }
            for reports, found in comparison.buttons_frontier.items()
        ],
    }


def as_text(comparison: Comparison) -> str:
    """A comparison for people."""
    setting, outcomes = comparison.setting, comparison.outcomes
    rows = [(title, *(_shown(getattr(outcome, name)) for outcome in outcomes.values())) for title, name in _ROWS]
    changes = [against(outcomes, outcome) for outcome in outcomes.values()]
    rows.append(("unwanted delivered, against the buttons", *("" if c is None else f"{c:+.1%}" for c in changes)))
    for title, name in (
        ("wanted blocked per million", "wanted_blocked"),
        ("wanted held per million", "wanted_delayed"),
    ):
        rows.append((title, *(number(per_million(getattr(found, name), found)) for found in outcomes.values())))
    title = f"{setting.days} days, {setting.recipients:,} people, seed {setting.seed}, part {setting.part}"
    parts = [table(title, ("messages and senders", *outcomes), rows), NOTE]
    if comparison.buttons_frontier:
        parts.append(_frontier(comparison))
    return "\n\n".join(parts)


def plot(comparison: Comparison, folder: Path) -> list[Path]:
    """Write unwanted messages delivered by day, and the buttons' frontier, as PNG files and return their paths."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "unwanted_by_day.png"]
    figure, axes = pyplot.subplots(figsize=(7.0, 4.0), layout="constrained")
    for name, outcome in comparison.outcomes.items():
        days = [day["day"] for day in outcome.days]
        axes.plot(days, [day["unwanted_delivered"] for day in outcome.days], marker=".", label=name)
    axes.set(xlabel="day", ylabel="unwanted messages delivered", ylim=(0, None))
    axes.legend()
    figure.suptitle("Unwanted messages delivered by day (simulated)")
    figure.savefig(written[0], dpi=120)
    pyplot.close(figure)
    if comparison.buttons_frontier:
        written.append(folder / "buttons_frontier.png")
        figure, axes = pyplot.subplots(figsize=(5.5, 4.0), layout="constrained")
        for reports, found in comparison.buttons_frontier.items():
            point = per_million(found.wanted_blocked, found), found.unwanted_delivered
            axes.plot(*point, "o", color="tab:orange")
            axes.annotate(str(reports), point, xytext=(4, 4), textcoords="offset points")
        if "torwart" in comparison.outcomes:
            found = comparison.outcomes["torwart"]
            axes.plot(per_million(found.wanted_blocked, found), found.unwanted_delivered, "*", color="tab:red")
            axes.annotate("torwart", (per_million(found.wanted_blocked, found), found.unwanted_delivered))
        axes.set_xscale("symlog", linthresh=10)
        axes.set(xlabel="wanted messages blocked per million", ylabel="unwanted delivered", ylim=(0, None))
        figure.suptitle("Reports that ban a sender: harm and use (simulated)")
        figure.savefig(written[1], dpi=120)
        pyplot.close(figure)
    return written


def against(outcomes: dict[str, Outcome], outcome: Outcome) -> float | None:
    """The change in unwanted messages delivered against the two buttons; ``None`` where these were not played."""
    buttons = outcomes.get("buttons")
    if buttons is None or not buttons.unwanted_delivered:
        return None
    return outcome.unwanted_delivered / buttons.unwanted_delivered - 1.0


def per_million(count: int, outcome: Outcome) -> float:
    """``count`` of the wanted messages, per million of them."""
    return 1e6 * count / outcome.wanted_sent if outcome.wanted_sent else 0.0


def _frontier(comparison: Comparison) -> str:
    rows = [
        (
            f"{reports}{' *' if reports == comparison.buttons_reports else ''}",
            f"{found.unwanted_delivered:,}",
            number(per_million(found.wanted_blocked, found)),
            f"{found.honest_senders_restricted:,}",
        )
        for reports, found in comparison.buttons_frontier.items()
    ]
    within = "delivers least within" if comparison.buttons_within_caps else "harms least; none is within"
    return table(
        f"The two buttons: how many reports within a week ban a sender (* {within} 10 wanted blocked per million)",
        ("reports", "unwanted delivered", "wanted blocked per million", "honest senders banned"),
        rows,
    )


def _shown(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f}"
