"""Texts as mails, for filters that read nothing else."""

import binascii
import shutil


def mail(text: str) -> bytes:
    """The text as the body of a minimal mail: the same header lines for all, UTF-8, quoted-printable.

    Quoted-printable carries every character, NUL included, and no line of it starts with "From ", so that mails can
    also stand one after another in a mailbox. A lone surrogate, which UTF-8 cannot carry, becomes a question mark.
    """
    body = b"\n" + binascii.b2a_qp(text.encode("utf-8", "replace"), istext=True)
    return (
        b"From: <sender@example.com>\n"
        b"Date: Thu, 01 Jan 2026 00:00:00 +0000\n"
        b"MIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n" + body.replace(b"\nFrom ", b"\n=46rom ") + b"\n"
    )


def not_installed(title: str, *programs: str, package: str) -> str | None:
    """A sentence naming the first of these programs that is not installed; None when all are."""
    for program in programs:
        if shutil.which(program) is None:
            return f"{title} needs the program {program}, which is not installed; on Debian: apt-get install {package}"
    return None
