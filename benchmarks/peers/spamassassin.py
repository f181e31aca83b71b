"""SpamAssassin's Bayes, without its other rules (Debian package `spamassassin`)."""

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .mail import mail, not_installed

PROGRAM = Path(__file__).with_suffix(".pl")

CONFIGURATION = """\
loadplugin Mail::SpamAssassin::Plugin::Bayes
include /usr/share/spamassassin/20_aux_tlds.cf
include /usr/share/spamassassin/60_bayes_stopwords.cf
bayes_path {folder}/bayes
bayes_auto_learn 0
bayes_auto_expire 0
bayes_journal_max_size 0
bayes_min_spam_num 1
bayes_min_ham_num 1
lock_method flock
"""


class SpamAssassin:
    """SpamAssassin's Bayes with its default parameters, but from the first mail on; the probability of spam."""

    name = "SpamAssassin Bayes"
    most_texts: int | None = 20_000

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def version(self) -> str:
        """The program's version."""
        command = ["perl", "-MMail::SpamAssassin", "-e", "print Mail::SpamAssassin::Version()"]
        return "SpamAssassin " + subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def missing(self) -> str | None:
        """Why it cannot run here."""
        return not_installed("SpamAssassin", "perl", "sa-learn", package="spamassassin")

    def fit(self, texts: Sequence[str], is_spam: NDArray[np.bool_]) -> None:
        """Learn from these texts alone, in their order: a new token database."""
        self.close()
        self._folder = tempfile.TemporaryDirectory(prefix="torwart_peer_")
        rules = Path(self._folder.name) / "rules"
        rules.mkdir()
        (rules / "bayes.cf").write_text(CONFIGURATION.format(folder=self._folder.name), encoding="utf-8")
        self._run(("spam" if spam else "ham", text) for text, spam in zip(texts, is_spam, strict=True))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probability from 0 to 1 that the BAYES_* rules look at; 0.5 where it finds too few known tokens."""
        lines = self._run(("score", text) for text in texts).splitlines()
        if len(lines) != len(texts):
            raise RuntimeError(f"SpamAssassin printed {len(lines)} scores for {len(texts)} texts")
        return np.array([0.5 if line == "none" else float(line) for line in lines], dtype=np.float64)

    def close(self) -> None:
        """Remove the token database."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _run(self, tasks: Iterable[tuple[str, str]]) -> str:
        """What one Perl process prints about all these texts."""
        if self._folder is None:
            raise RuntimeError("SpamAssassin has not been fitted")
        frames = Path(self._folder.name) / "frames"
        with frames.open("wb") as file:
            for task, text in tasks:
                message = mail(text)
                file.write(f"{task} {len(message)}\n".encode() + message)
        with frames.open("rb") as file:
            process = subprocess.run(
                ["perl", str(PROGRAM), self._folder.name], stdin=file, capture_output=True, text=True
            )
        if process.returncode != 0:
            raise RuntimeError(f"SpamAssassin ended with exit code {process.returncode}: {process.stderr.strip()}")
        return process.stdout
