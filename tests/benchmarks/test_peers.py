"""The peers of the comparison learn from texts, score them in order and stand odd ones; a missing one skips."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.peers import Peer, all_peers
from benchmarks.peers.mail import mail

SPAM_WORDS = "prize winner claim cash urgent voucher bonus lottery jackpot reward offer gift"
HAM_WORDS = "dinner tomorrow mother kitchen garden bicycle school holiday weather sister painting library"

ODD_TEXTS = [
    "",
    " ",
    "\0",
    "prize\0winner\0claim",
    "\ud83d lone \udc00 surrogates",
    "line one\nFrom someone\r\n.\n\rline five",
    "From here on",
    "__label__spam __label__",
    "=3D=00 %s %n {} \\",
    "<html><b>not</b> & html",
    "你好，世界 🎁 مرحبا",
    "prize winner " * 8_000,
    "x" * 100_000,
]


def texts_of(words: str, number: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words.split(), size=8, replace=False)) + "." for _ in range(number)]


@pytest.fixture(scope="module", params=[peer.name for peer in all_peers()])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """A peer that has learnt 100 texts of each kind, in turn."""
    peer = next(peer for peer in all_peers() if peer.name == request.param)
    if reason := peer.missing():
        pytest.skip(reason)
    spam, ham = texts_of(SPAM_WORDS, 100, seed=1), texts_of(HAM_WORDS, 100, seed=2)
    peer.fit([text for pair in zip(spam, ham, strict=True) for text in pair], np.tile([True, False], 100))
    yield peer
    peer.close()


def test_its_version_names_the_program_and_a_number(peer: Peer) -> None:
    assert any(character.isdigit() for character in peer.version())
    assert "\n" not in peer.version()


def test_scores_separate_texts_that_it_has_not_seen(peer: Peer) -> None:
    spam = peer.scores(texts_of(SPAM_WORDS, 20, seed=3))
    ham = peer.scores(texts_of(HAM_WORDS, 20, seed=4))
    assert spam.dtype == np.float64
    assert spam.shape == (20,)
    assert spam.min() > ham.max()


def test_scores_come_in_the_order_of_the_texts(peer: Peer) -> None:
    is_spam = np.random.default_rng(5).random(60) < 0.5
    spam, ham = texts_of(SPAM_WORDS, 60, seed=6), texts_of(HAM_WORDS, 60, seed=7)
    scores = peer.scores([spam[i] if is_spam[i] else ham[i] for i in range(60)])
    assert scores[is_spam].min() > scores[~is_spam].max()


def test_odd_texts_get_a_score_each_and_move_no_other(peer: Peer) -> None:
    spam, ham = texts_of(SPAM_WORDS, 20, seed=8), texts_of(HAM_WORDS, 20, seed=9)
    mixed = [text for odd in ODD_TEXTS for text in (spam[0], odd, ham[0])]
    scores = peer.scores(mixed)
    assert len(scores) == len(mixed)
    assert np.isfinite(scores).all()
    assert scores[0::3].min() > scores[2::3].max()


def test_no_texts_get_no_scores(peer: Peer) -> None:
    assert peer.scores([]).shape == (0,)


def test_it_learns_odd_texts_and_forgets_what_it_learnt_before(peer: Peer) -> None:
    """The labels turned round, so that old knowledge would show; the last test, as it fits the shared peer anew."""
    spam, ham = texts_of(HAM_WORDS, 100, seed=10), texts_of(SPAM_WORDS, 100, seed=11)
    labels = np.repeat([True, False], 100)
    peer.fit([*spam, *ham, *ODD_TEXTS], np.append(labels, np.arange(len(ODD_TEXTS)) % 2 == 0))
    assert peer.scores(texts_of(HAM_WORDS, 20, seed=12)).min() > peer.scores(texts_of(SPAM_WORDS, 20, seed=13)).max()


def test_a_closed_peer_says_that_it_is_not_fitted(peer: Peer) -> None:
    peer.close()
    peer.close()
    with pytest.raises(RuntimeError, match="has not been fitted"):
        peer.scores(["prize"])


def test_a_mail_is_ascii_and_no_line_of_it_starts_a_new_one() -> None:
    for text in ODD_TEXTS:
        message = mail(text)
        assert message.isascii()
        assert b"\0" not in message
        assert b"\nFrom " not in message
        assert max(map(len, message.split(b"\n"))) <= 78
