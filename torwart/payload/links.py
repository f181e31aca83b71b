"""URLs in running text, as a person would read them: with a scheme, with ``www.``, or as a bare domain.

Time is linear in the text: the patterns use possessive repetition and never step back.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from publicsuffixlist import PSLFILE

from torwart.payload.limits import MAX_LINK


def _top_level_domains() -> frozenset[str]:
    """Last labels of the public suffix list that is installed with the package, in Unicode and in punycode."""
    lines = Path(PSLFILE).read_text(encoding="utf-8").splitlines()
    domains = {line.rpartition(".")[2].strip().lower() for line in lines if line and not line.startswith("//")}
    return frozenset(domains | {domain.encode("idna").decode() for domain in domains if not domain.isascii()})


TOP_LEVEL_DOMAINS = _top_level_domains()
"""Every top-level domain, lower case, without a dot."""

_FILE_ENDINGS = frozenset({"mov", "zip"})
"""Top-level domains that are rather the ends of file names, unless a path follows."""

_ABBREVIATIONS = frozenset({"co.kg"})
"""Abbreviations that look like a domain: "Muster GmbH & Co.KG"."""

# Letters of a host: Latin to Sinhala. Scripts that are written without spaces are left out, so that a domain in the
# middle of a Chinese, Japanese or Thai sentence ends where the sentence goes on.
_HOST_LETTER = r"0-9A-Za-z_\u00c0-\u0dff\u1e00-\u1fff-"
_REST = r"[^\s<>\"“”„«»`、。，！？）】」』]"
_LINK = re.compile(
    rf"[hH][tT][tT][pP][sS]?://{_REST}++"
    rf"|(?<![{_HOST_LETTER}@.])([{_HOST_LETTER}]++(?:\.[{_HOST_LETTER}]++)++)(?!@)(?::[0-9]{{1,5}}+)?+([/?#]{_REST}*+)?+"
)
_DOT_INSIDE = re.compile(r"\.[^\s.]")
_OTHER_DOT = re.compile(r"[\u2024\u3002\uff0e\uff61]")
_BRACKETED_DOT = re.compile(r"[ ]?[\[({][ ]?(?:\.|[dD][oO][tT]|[pP][uU][nN][kK][tT])[ ]?[\])}][ ]?")

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
_LOOKALIKE = "\u2024\u3002\uff01-\uff5e\uff61\U0001d400-\U0001d7ff"
_RARE = re.compile(f"[{_INVISIBLE}{_LOOKALIKE}]")
_NOTHING = re.compile(f"[{_INVISIBLE}]")

_TRAILING = frozenset(".,;:!?'’*~|…&")
_OPENING = {")": "(", "]": "[", "}": "{"}


def find_links(texts: Iterable[str], limit: int) -> tuple[list[str], bool]:
    """Find the URLs in ``texts``, ``limit`` at most.

    Returns them as written but for disguised dots, in order of appearance, each once; and whether one was disguised.
    """
    found: dict[str, None] = {}
    disguised = False
    for text in filter(None, texts):
        plain = _undisguised(text)
        if _DOT_INSIDE.search(plain) is None and "://" not in plain:
            continue
        for link in _links_in(plain):
            if link in found:
                continue
            if len(found) == limit:
                return list(found), disguised
            found[link] = None
            disguised = disguised or (plain is not text and link not in text)
    return list(found), disguised


def _links_in(text: str) -> Iterator[str]:
    # Most words have neither, or end with their only dot, and finding that out is cheaper than the pattern.
    for word in [word for word in text.split() if ("." in word and "." in word[:-1]) or "://" in word]:
        for match in _LINK.finditer(word):
            host = match[1]
            if host is None:
                link = _trimmed(match[0])
                if link[-3:] != "://":
                    yield link
            elif _is_host(host, has_path=match[2] is not None):
                yield _trimmed(match[0])


def _undisguised(text: str) -> str:
    """Undo what hides a domain from a program but not from a person; ``text`` itself if there is nothing to undo."""
    plain = text
    if not text.isascii() and (_DOT_INSIDE.search(text) or _OTHER_DOT.search(text)) and _RARE.search(text):
        plain = _RARE.sub(_plain_letter, _NOTHING.sub("", text))
    if "[" in plain or "(" in plain or "{" in plain:
        plain = _BRACKETED_DOT.sub(".", plain)
    return text if plain == text else plain


def _plain_letter(rare: re.Match[str]) -> str:
    """Write one rare character plainly. A whole text is never normalised: long runs of marks make that quadratic."""
    return unicodedata.normalize("NFKC", rare[0]).replace("\u3002", ".")


def _is_host(host: str, *, has_path: bool) -> bool:
    """Tell a host without a scheme from two words with a full stop between them."""
    before, _, last = host.lstrip("_.").rstrip("_").rpartition(".")
    domain = last.lower()
    if not last or not before.strip("_-."):
        return False
    if domain not in TOP_LEVEL_DOMAINS:
        return host[:4].lower() == "www." or (has_path and _is_ip_address(host))
    if has_path:
        return True
    if domain in _FILE_ENDINGS or host.lower() in _ABBREVIATIONS:
        return False
    # A capital after a full stop begins a sentence ("ist da.In Kürze"), unless all of it is in capitals.
    sentence = last[0].isupper() and not last.isupper()
    return not (sentence and (len(last) == 2 or (before.isalpha() and before[0].islower())))


def _is_ip_address(host: str) -> bool:
    parts = host.split(".", 4)
    return len(parts) == 4 and all(
        part.isascii() and part.isdigit() and len(part) < 4 and int(part) < 256 for part in parts
    )


def _trimmed(link: str) -> str:
    """Cut to ``MAX_LINK``, then cut the sentence's punctuation and the brackets that were opened before the link."""
    link = link[:MAX_LINK].lstrip("_.").rstrip("_")
    end = len(link)
    surplus: dict[str, int] = {}
    while end:
        last = link[end - 1]
        if last in _OPENING:
            if not surplus:
                surplus = {closing: link.count(closing) - link.count(opening) for closing, opening in _OPENING.items()}
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return link[:end]
