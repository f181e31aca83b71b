import statistics

import pytest

from training.world.draws import stream
from training.world.people import People
from training.world.rates import Rates


@pytest.fixture
def people(rates: Rates) -> People:
    return People(rates, 20_000, frozenset({"de", "en", "th"}), seed=1)


def test_only_languages_with_texts_are_spoken_and_in_their_shares(people: People, rates: Rates) -> None:
    assert set(people.languages) == {"de", "en", "th"}
    share = rates.languages["de"].share / sum(rates.languages[name].share for name in ("de", "en", "th"))
    assert people.languages.count("de") / len(people) == pytest.approx(share, abs=0.02)
    assert sum(len(rows) for rows in people.by_language.values()) == len(people)
    assert len(set(people.ids)) == len(people)


def test_the_mean_person_reports_as_the_rates_say(people: People, rates: Rates) -> None:
    assert statistics.fmean(people.report_factors) == pytest.approx(1.0, abs=0.05)
    never = sum(factor == 0 for factor in people.report_factors) / len(people)
    assert never == pytest.approx(rates.reports.never, abs=0.02)


def test_strangers_speak_the_language_unless_they_are_foreign(people: People) -> None:
    rng = stream(1, "test")
    assert {people.languages[people.stranger(rng, "th")] for _ in range(300)} == {"th"}
    assert {people.languages[people.stranger(rng, "th", foreign=1.0)] for _ in range(300)} == {"th", "de", "en"}
    assert {people.some_language(rng) for _ in range(300)} == {"th", "de", "en"}
