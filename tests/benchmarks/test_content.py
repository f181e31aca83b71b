"""The pure parts of the comparison: figures by hand, disguises that can be seen, splits that leak nothing."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from benchmarks.content_parts import disguise, figures, padding
from benchmarks.content_parts.grid import cell, grid, points
from benchmarks.content_parts.mixed import evenly
from benchmarks.content_parts.obfuscation import INVISIBLE, KINDS, disguised, is_latin
from benchmarks.content_parts.split import JUDGE, Rows, held_back, rows_of, split_corpora, together
from benchmarks.content_parts.systems import TORWART, WORST, Torwart
from torwart.text.classifier import CLASSES, unwanted
from training.corpora import About, Corpus
from training.duplicates import clusters
from training.intervals import rate_of
from training.samples import Samples
from training.text import fit

ROOT = Path(__file__).resolve().parents[2]

TEXT = (
    "Your parcel 4471 is waiting at customs, please settle the outstanding fee today: https://post.example/pay or "
    "write to help@post.example. Account DE89 3704 0044 0532 0130 00, call 030/901820, order A7-113."
)
KEPT = ["4471", "https://post.example/pay", "help@post.example.", "DE89", "3704", "030/901820,", "A7-113."]


# Ten wanted texts and five of spam; the score 0.6 is there three times.
WANTED = np.array([0.9, 0.6, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.0])
SPAM = np.array([0.95, 0.7, 0.6, 0.45, 0.01])
SCORES = np.concatenate([WANTED, SPAM])
IS_SPAM = np.repeat([False, True], [10, 5])


@pytest.mark.parametrize(("rate", "above", "caught"), [(0.0, 0.9, 1), (0.1, 0.6, 2), (0.2, 0.6, 2), (0.3, 0.5, 3)])
def test_the_threshold_is_the_lowest_within_the_rate(rate: float, above: float, caught: int) -> None:
    threshold = figures.threshold_for(WANTED, rate)
    assert threshold == np.nextafter(above, np.inf)
    assert figures.flagged(WANTED, threshold).rate <= rate
    assert figures.flagged(SPAM, threshold).events == caught
    assert figures.recall_at(SCORES, IS_SPAM, rate) == pytest.approx([caught / 5])


def test_a_rate_of_one_flags_everything_and_no_texts_have_no_threshold() -> None:
    assert figures.flagged(WANTED, figures.threshold_for(WANTED, 1.0)).rate == 1
    assert figures.recall_at(SCORES, IS_SPAM, 1.0) == pytest.approx([1.0])
    with pytest.raises(ValueError, match="at least one wanted text"):
        figures.threshold_for(np.empty(0), 0.01)


def test_texts_that_a_system_was_not_asked_about_do_not_count() -> None:
    assert figures.flagged(np.array([np.nan, 0.2, 0.8, np.nan]), 0.5) == rate_of(1, 2)


def test_weights_count_a_text_as_often_as_they_say() -> None:
    times = np.arange(1, len(SCORES) + 1)
    for rate in (0.0, 0.1, 0.25):
        repeated = figures.recall_at(np.repeat(SCORES, times), np.repeat(IS_SPAM, times), rate)
        assert figures.recall_at(SCORES, IS_SPAM, rate, times[None].astype(float)) == pytest.approx(repeated)
    flags = SCORES >= 0.5
    repeated = figures.mcc(np.repeat(flags, times), np.repeat(IS_SPAM, times))
    assert figures.mcc(flags, IS_SPAM, times[None].astype(float)) == pytest.approx(repeated)


def test_the_correlation_is_that_of_the_formula() -> None:
    # 3 caught, 2 missed, 4 flagged in error, 6 passed.
    expected = (3 * 6 - 4 * 2) / np.sqrt(7 * 5 * 10 * 8)
    assert figures.mcc(SCORES >= 0.5, IS_SPAM) == pytest.approx([expected])
    assert figures.mcc(np.ones(15, dtype=bool), IS_SPAM) == pytest.approx([0.0])


def test_no_threshold_does_better_than_the_best_one() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        scores, is_spam = rng.integers(0, 12, 60) / 12, rng.random(60) < 0.3
        best = figures.mcc(scores >= figures.best_threshold(scores, is_spam), is_spam)[0]
        assert best == pytest.approx(max(figures.mcc(scores >= one, is_spam)[0] for one in np.unique(scores)))


def test_a_bootstrap_draws_whole_clusters() -> None:
    of = np.array([3, 3, 8, 8, 8, 1])
    weights = figures.resamples(of, seed=1, replicates=50)
    assert weights.shape == (50, 6)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 5]].sum(axis=1) == 3).all()
    assert len(np.unique(weights, axis=0)) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_disguise_is_deterministic_by_seed_and_can_be_seen(kind: str) -> None:
    once = disguised(TEXT, kind, seed=1)
    assert once == disguised(TEXT, kind, seed=1)
    assert once != disguised(TEXT, kind, seed=2)
    assert once != TEXT


@pytest.mark.parametrize("kind", KINDS)
def test_a_disguise_leaves_links_and_numbers_alone(kind: str) -> None:
    for seed in range(20):
        tokens = disguised(TEXT, kind, seed).split()
        assert set(KEPT) <= set(tokens)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "🎁", "12 34", "https://a.example", "a", "I I I", "你好 world", "\ud83d ok"])
def test_a_disguise_stands_odd_texts(kind: str, text: str) -> None:
    assert isinstance(disguised(text, kind, seed=1), str)


def test_each_disguise_does_what_its_name_says() -> None:
    text = "Please settle the outstanding fee today"
    plain = text.replace(" ", "")
    homoglyph = disguised(text, "homoglyph", seed=1)
    changed = [letter for letter in homoglyph if not letter.isascii()]
    assert len(homoglyph) == len(text)
    assert all(unicodedata.name(letter).split()[0] in ("CYRILLIC", "GREEK") for letter in changed)
    assert 0.14 <= len(changed) / len(plain) <= 0.31
    hidden = disguised(text, "zero-width", seed=1)
    assert "".join(character for character in hidden if character not in INVISIBLE) == text
    assert any(character.isdigit() for character in disguised(text, "leet", seed=1))
    spaced = disguised(text, "spacing", seed=1)
    assert "".join(filter(str.isalpha, spaced)) == plain
    assert len(spaced) > len(text)
    accented = unicodedata.normalize("NFD", disguised(text, "diacritic", seed=1))
    assert any(unicodedata.combining(character) for character in accented)


def test_latin_script_is_recognised() -> None:
    assert is_latin("Ihre Überweisung łódź")
    assert not is_latin("Ваша посылка SMS")
    assert not is_latin("1234 🎁")


def rows(texts: list[str], label: str = "wanted", source: str = JUDGE, language: str = "en") -> Rows:
    return rows_of(texts, [label] * len(texts), source, [""] * len(texts), [language] * len(texts))


def corpus(name: str, texts: list[str]) -> Corpus:
    return Corpus(name, About(), tuple(texts), ("wanted",) * len(texts), ("en",) * len(texts))


def test_splits_keep_clusters_together() -> None:
    words = np.array(
        "parcel bank code table invoice garden school doctor train ticket cinema water light music".split()
    )
    rng = np.random.default_rng(1)
    own = [" ".join(rng.permutation(words)[:9]) for _ in range(60)]
    one = corpus("one", [f"{text} {number}" for text in own for number in (11, 22)])
    other = corpus("nus_ham", [*(f"{text} 33" for text in own[:30]), "nothing like any of those at all"])
    train, test = split_corpora([one, other], seed=1)
    assert [part.name for part in train] == ["one"]
    assert [part.name for part in test] == ["one", "nus_ham"]
    assert sorted([*train[0].texts, *test[0].texts]) == sorted(one.texts)
    both = [*train[0].texts, *test[0].texts, *test[1].texts]
    group = clusters(both)
    n = len(train[0].texts)
    assert not set(group[:n].tolist()) & set(group[n:].tolist())
    assert 0.2 <= len(test[0].texts) / len(one.texts) <= 0.4
    assert "nothing like any of those at all" in test[1].texts
    assert split_corpora([one, other], seed=1)[1][0].texts == test[0].texts


def test_what_is_kept_back_is_whole_groups_and_business_only() -> None:
    n = 200
    samples = Samples(
        texts=[f"text {place}" for place in range(n)],
        labels=[CLASSES[place % 4] for place in range(n)],
        groups=[f"group {place // 10}" for place in range(n)],
        domains=["shop" if place % 8 else "" for place in range(n)],
        weights=np.linspace(0.5, 1.5, n),
    )
    train, validation = held_back(samples, seed=1)
    assert len(set(train.groups)) == 17
    assert len(train.texts) == 170
    assert train.weights.mean() == pytest.approx(1)
    places = [int(text.split()[1]) for text in validation]
    assert places
    assert all(place % 4 == 0 and place % 8 for place in places)
    assert not {f"group {place // 10}" for place in places} & set(train.groups)


def test_sources_get_their_fair_part_of_a_sample() -> None:
    test = together(
        [rows(["a"] * 10, source="small"), rows(["b"] * 100, source="large"), rows(["c"] * 50, source="mid")]
    )
    asked = evenly(test, 60)
    assert [int(asked[test.sources == name].sum()) for name in ("small", "mid", "large")] == [10, 25, 25]
    assert evenly(test, 1000).all()


def test_rows_know_what_is_there_twice() -> None:
    assert rows(["a", "b", "a"]).first.tolist() == [True, True, False]


def test_padding_puts_harmless_sentences_on_both_sides() -> None:
    harmless = padding.sentences(
        rows([f"Your order number {n} has left. Thank you for waiting, see you." for n in range(40)])
    )
    assert len(harmless["en"]) == 41
    text = padding.padded("PAY NOW", harmless["en"], 3, np.random.default_rng(1))
    before, behind = text.split("PAY NOW")
    assert before.count(".") == behind.count(".") == 3
    assert padding.padded("PAY NOW", harmless["en"], 0, np.random.default_rng(1)) == "PAY NOW"


def test_only_latin_texts_are_disguised() -> None:
    test = together([rows(["Ваш код", "Your code"]), rows(["Pay now", "Платите"], label="fraud", source="corpus")])
    found = disguise.latin_rows(test)
    assert found[disguise.WANTED].list() == ["Your code"]
    assert found[disguise.RECALL].list() == ["Pay now"]


def test_a_grid_shows_rates_with_intervals() -> None:
    shown = grid("Title, %", ["one", "other"], [("line", [rate_of(1, 1000), None]), ("none", [rate_of(0, 0), None])])
    text = shown.text()
    assert "0.10 [0.003, 0.56]" in text
    assert "none" not in text
    assert shown.rate("line", "one").events == 1
    assert cell(rate_of(5, 5)).startswith("100 [")
    assert points(0.00042) == "0.042"


def test_torwart_is_fitted_as_in_training() -> None:
    rng = np.random.default_rng(1)
    words = {label: [f"{label}{number}" for number in range(30)] for label in CLASSES}
    labels = [label for label in CLASSES for _ in range(12)]
    samples = Samples(
        texts=[" ".join(rng.choice(words[label], 6)) for label in labels],
        labels=labels,
        groups=[str(number) for number in range(len(labels))],
        domains=["here"] * len(labels),
        weights=rng.uniform(0.5, 1.5, len(labels)),
    )
    torwart = Torwart()
    torwart.fit(samples)
    shipped, _ = fit(samples.texts, samples.labels, samples.groups, seed=1, sample_weight=samples.weights)
    assert torwart.classifier.logits(samples.texts) == pytest.approx(shipped.logits(samples.texts), abs=1e-9)
    found = torwart.scores(samples.texts)
    assert list(found) == [TORWART, WORST]
    assert found[TORWART] == pytest.approx(unwanted(shipped.logits(samples.texts)))


def test_torwart_learns_from_two_classes_alone() -> None:
    labels = ["wanted", "spam"] * 20
    texts = [f"{'dinner at home' if label == 'wanted' else 'win a prize'} {n}" for n, label in enumerate(labels)]
    torwart = Torwart()
    torwart.fit(Samples(texts, labels, texts, [""] * 40, np.ones(40)))
    scores = torwart.scores(["dinner at home", "win a prize"])[TORWART]
    assert scores[0] < 0.5 < scores[1]


def test_without_corpora_it_says_so_and_ends_with_2() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TORWART_CORPORA"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.content"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "Set TORWART_CORPORA to the folder that holds the corpora as CSV files.\n"
