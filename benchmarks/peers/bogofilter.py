"""bogofilter: Bayes with Robinson's and Fisher's combination of token probabilities (Debian package `bogofilter`)."""

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .mail import mail, not_installed

# Its defaults are meant for mails of hundreds of words and do clearly worse on short messages: they pass over words of
# one or two characters, of probabilities between 0.125 and 0.875, and pairs of words.
FOR_SHORT_TEXTS = ("--min-token-len=1", "--min-dev=0.1", "--multi-token-count=2")


class Bogofilter:
    """bogofilter with parameters for short texts, mails in mailboxes; the spamicity."""

    name = "bogofilter"
    most_texts: int | None = None

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def version(self) -> str:
        """The program's version."""
        output = subprocess.run(["bogofilter", "--version"], capture_output=True, text=True, check=True).stdout
        return output.splitlines()[0].replace(" version", "")

    def missing(self) -> str | None:
        """Why it cannot run here."""
        return not_installed("bogofilter", "bogofilter", package="bogofilter")

    def fit(self, texts: Sequence[str], is_spam: NDArray[np.bool_]) -> None:
        """Learn from these texts alone: a new word list, one run a class."""
        self.close()
        self._folder = tempfile.TemporaryDirectory(prefix="torwart_peer_")
        for option, label in (("--register-spam", True), ("--register-ham", False)):
            self._run(option, texts=(text for text, spam in zip(texts, is_spam, strict=True) if spam == label))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The spamicity from 0 to 1; 0.52 for a text of which it knows no word.

        It prints no more than 19 characters a number: the exponential form is the finer one near 0, the other near 1.
        """
        output = self._run("-t", "--terse-format=%.12e %.17f", texts=texts)
        printed = np.array([line.split() for line in output.splitlines()], dtype=np.float64).reshape(-1, 2)
        if len(printed) != len(texts):
            raise RuntimeError(f"bogofilter printed {len(printed)} scores for {len(texts)} texts")
        return np.where(printed[:, 1] < 0.5, printed[:, 0], printed[:, 1])

    def close(self) -> None:
        """Remove the word list."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _run(self, *options: str, texts: Iterable[str]) -> str:
        """What it prints about a mailbox of these texts."""
        if self._folder is None:
            raise RuntimeError("bogofilter has not been fitted")
        mailbox = Path(self._folder.name) / "mailbox"
        with mailbox.open("wb") as file:
            for text in texts:
                file.write(b"From sender@example.com Thu Jan  1 00:00:00 2026\n" + mail(text) + b"\n")
        if mailbox.stat().st_size == 0:
            return ""  # it would take an empty mailbox for one empty mail
        command = ["bogofilter", "--no-config-file", "--bogofilter-dir", self._folder.name, "--classify-mbox"]
        with mailbox.open("rb") as file:
            process = subprocess.run(
                [*command, *FOR_SHORT_TEXTS, *options],
                stdin=file,
                capture_output=True,
                text=True,
            )
        # 0, 1 and 2 are its verdicts; anything else is an error.
        if process.returncode not in (0, 1, 2):
            raise RuntimeError(f"bogofilter ended with exit code {process.returncode}: {process.stderr.strip()}")
        return process.stdout
