"""What the event classifier knows, group by group, and how it does where it knows less. All worlds are simulated.

    TORWART_CORPORA=<folder> python -m benchmarks.event_model [--events FOLDER] [--sample 20000]

One log is divided in order of time as `torwart train` does: fitted on, stopped by, calibrated on, judged on the last
fifth. Every fit is `training.event_model.fit`; the texts are read by a classifier that learned from
other templates only; the model in --model is timed.

    1  each group of features alone, everything but each: recall at 0.1 % and 1 % of wanted messages, PR-AUC; intervals
       from 1,000 draws of senders, what is lost in pairs
    2  one strategy of spammers left out of fitting and calibration
    3  text, history or profile missing; first messages of senders; size and verification: flags and calibration
    4  other brands and templates; texts by other hands (data/held_out, and corpora that the model did not learn from)
    5  text alone, against the text classifier on corpora that it was not trained on (needs TORWART_CORPORA)
    6  microseconds for both heads on one core

Intervals of (2) to (4) are exact ones of counts; messages of one sender are alike, so the truth is wider. At the end
it says whether the world makes it too easy. Results are written where nothing is limited or left out.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from torwart.model.artifact import Model, load_witness
from torwart.model.error import ModelError
from training.corpora import CorpusError
from training.dataset import LabelError, read_dataset
from training.event_model import DataError
from training.log import LogError

from .event_model_parts import ablation, circumstances, figures, report, speed, strategies, texts, verdicts, worlds
from .event_model_parts.fitting import fitted
from .event_model_parts.worlds import World
from .output import keep, show

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "event_model.json"
CHAMPION: Final = HERE.parent / "models" / "champion"
VARIABLE: Final = "TORWART_CORPORA"
WORLD: Final = World(days=30, recipients=1500)
TEXTS_SHARE: Final = 0.03
"""Texts of a corpus for each message, where --sample limits both."""
MISUSED: Final = 2


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=Path, help="folder of a simulated log (default: a world is played)")
    parser.add_argument("--model", type=Path, default=CHAMPION, help="folder of the model (default: the champion)")
    parser.add_argument("--days", type=_count, default=WORLD.days, help="of the world (default: %(default)s)")
    parser.add_argument(
        "--recipients", type=_count, default=WORLD.recipients, help="of the world (default: %(default)s)"
    )
    parser.add_argument("--sample", type=_count, help="limit the log to so many messages, for a quick try")
    options = parser.parse_args()
    world = World(options.days, options.recipients)
    corpora = Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None
    before = time.perf_counter()
    try:
        model = load_witness(options.model)
        with tempfile.TemporaryDirectory() as folder:
            log = options.events or worlds.play(Path(folder) / "log", world)
            results = measure(log, model, world, corpora, Path(folder), options.sample)
    except (ModelError, LogError, LabelError, DataError, CorpusError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(MISUSED) from error
    results["minutes"] = (time.perf_counter() - before) / 60
    print(f"\nThis took {results['minutes']:.0f} minutes.")
    if options.sample is None and corpora is not None and world == WORLD:
        keep(RESULTS, results)


def measure(
    log: Path, model: Model, world: World, corpora: Path | None, folder: Path, sample: int | None = None
) -> dict[str, Any]:
    """All tables on the log in ``log``, each printed when it is there; other worlds half as long as ``world`` are
    played into ``folder``."""
    results: dict[str, Any] = {"environment": report.environment(log, model, corpora)}
    data = read_dataset(log, model.text) if sample is None else read_dataset(log, model.text, sample)
    if not data.simulated:
        raise LabelError(f"{log} is no simulated log: strategies and the words of messages are known only of those.")
    everything = fitted(data)
    results["groups"] = groups = ablation.measure(data, everything)
    show(ablation.text_of(groups))
    results["strategies"] = strategies.measure(data, everything)
    show(strategies.text_of(results["strategies"]))
    results["circumstances"] = circumstances.measure(data, everything)
    show(circumstances.all_text(results["circumstances"]))
    results["worlds"] = worlds.measure(data, everything, model, world.half, corpora, folder)
    show(figures.text_of("(4) Other worlds", results["worlds"]))
    results["corpora"] = of_corpora = _corpora(corpora, sample)
    show(texts.text_of(of_corpora, groups))
    results["speed"] = speed.measure(data, everything, model, log)
    show(speed.text_of(results["speed"]))
    results["verdicts"] = verdicts.verdicts(groups, of_corpora)
    show(verdicts.text_of(results["verdicts"]))
    return results


def _corpora(folder: Path | None, sample: int | None) -> list[texts.LeftOutCorpus]:
    if folder is None:
        show(f"Set {VARIABLE} to a folder of corpora to compare with real texts.")
        return []
    return texts.measure(folder, None if sample is None else int(TEXTS_SHARE * sample))


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) == 0:
        raise argparse.ArgumentTypeError(f"give a whole number above 0, not {value!r}")
    return int(value)


if __name__ == "__main__":
    main()
