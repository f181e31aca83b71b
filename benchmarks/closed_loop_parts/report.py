"""The results as a file and as a picture."""

from pathlib import Path
from typing import Any, Final

import msgspec

from torwart.detector import Detector
from training.loop.play import Setting
from training.samples import templates_fingerprint
from training.world.source import source_of

from ..output import machine
from ..peers.bogofilter import Bogofilter

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
