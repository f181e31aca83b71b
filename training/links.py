"""Web addresses in messages: a brand's own, and what its imitators and nobodies use.

Every function returns the link as it stands in the text and its host.
"""

from training.chance import Chance
from training.words import Words

_OWN_PREFIXES = (
    "https://www.",
    "https://www.",
    "https://",
    "https://",
    "www.",
    "",
    "https://m.",
    "https://my.",
    "https://go.",
)
OWN_SHORTENERS = ("bit.ly", "bit.ly", "bit.ly", "t.ly", "rb.gy", "l.ead.me", "ow.ly", "cutt.ly", "tinyurl.com")
_SHORT_SUFFIXES = ("co", "co", "me", "ly", "io", "link", "to", "in", "it", "gl", "do", "app", "page", "info", "click")
_SHORT_PATHS = ("/%%%%%%", "/%%%%", "/%%%%%%%%", "/{word}", "/%/%%%%%")
_BAD_PREFIXES = ("https://", "https://", "http://", "http://", "", "", "https://www.")
_CHAT_LINKS = (
    "t.me/+%%%%%%%%%%",
    "wa.me/#############",
    "https://chat.whatsapp.com/%%%%%%%%%%%%%%%%",
    "https://t.me/%%%%%%_bot",
)
_OWN_PATHS = (
    "/{word}",
    "/{word}/%%%%%%",
    "/{word}?id=########",
    "/t/%%%%%%%",
    "/{word}/#########",
    "",
    "/%%%%%",
    "/{word}/{word2}",
)
_BAD_PATHS = ("/{word}", "/%%%%%%", "/{word}?id=######", "/?%%%%%%%%", "", "", "/i", "/{word}.php", "/%%%/{word}")
_SWAPS = {"l": "1", "o": "0", "i": "l", "e": "3", "m": "rn", "a": "4", "s": "5"}
_CYRILLIC = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "y": "у"}


def own(chance: Chance, words: Words, domain: str) -> tuple[str, str]:
    """A link to the brand's own ``domain``; one in six through a known shortener, one in five through a short domain
    of the brand's.

    Of the links in wanted messages and advertisements of three public corpora (Thailand, the Philippines, India) more
    than half were of these two kinds.
    """
    way = chance.uniform()
    if way < 1 / 6:
        scheme = chance.choose(("https://", "http://", "", ""))
        return f"{scheme}{chance.choose(OWN_SHORTENERS)}/{chance.pattern(('%%%%%%%',))}", domain
    if way < 1 / 6 + 1 / 5:
        return chance.choose(("https://", "", "")) + short_host(chance, domain) + _path(
            chance, words, _SHORT_PATHS
        ), domain
    return chance.choose(_OWN_PREFIXES) + domain + _path(chance, words, _OWN_PATHS), domain


def short_host(chance: Chance, domain: str) -> str:
    """A short domain that a brand has beside ``domain``: its name without vowels, or its first letters."""
    stem = "".join(letter for letter in domain.partition(".")[0] if letter.isalnum())
    consonants = stem[0] + "".join(letter for letter in stem[1:] if letter not in "aeiou")
    name = consonants[:5] if len(consonants) > 2 and chance.uniform() < 0.6 else stem[: chance.between(3, 5)]
    return f"{name}.{chance.choose(_SHORT_SUFFIXES)}"


def lookalike(chance: Chance, words: Words, domain: str) -> tuple[str, str]:
    """A link that imitates the brand at ``domain`` and never leads there."""
    stem = domain.partition(".")[0]
    bait, suffix = chance.choose(words.baits), chance.choose(words.throwaway_suffixes)
    form = chance.between(0, 12)
    if form <= 2:
        host = f"{stem}-{bait}.{suffix}"
    elif form == 3:
        host = f"{bait}-{stem}.{suffix}"
    elif form == 4:
        host = f"{stem}.{bait}-{_junk(chance)}.{suffix}"
    elif form == 5:
        host = f"{stem}{bait}{chance.between(1, 99)}.{suffix}"
    elif form == 6:
        host = f"{_altered(chance, stem, _SWAPS)}-{bait}.{suffix}"
    elif form == 7:
        host = f"{domain}.{bait}-{_junk(chance)}.{suffix}"
    elif form == 8:
        host = f"{stem}-{bait}.{chance.choose(words.free_hosts)}"
    elif form == 9:
        host = f"xn--{_altered(chance, stem, _CYRILLIC).encode('punycode').decode('ascii')}.{suffix}"
    elif form == 10:
        host = f"{chance.between(31, 217)}.{chance.between(2, 250)}.{chance.between(0, 255)}.{chance.between(1, 254)}"
        return f"http://{host}/{stem}", host
    else:
        return throwaway(chance, words)
    return chance.choose(_BAD_PREFIXES) + host + _path(chance, words, _BAD_PATHS), host


def throwaway(chance: Chance, words: Words) -> tuple[str, str]:
    """A link of somebody who has no name to lose: a shortener, a chat invitation, a domain for a week."""
    form = chance.between(0, 6)
    if form <= 1:
        host = chance.choose(words.shorteners)
        return f"{chance.choose(_BAD_PREFIXES[:6])}{host}/{chance.pattern(('%%%%%%%', '%%%%%'))}", host
    if form == 2:
        link = chance.pattern(_CHAT_LINKS)
        return link, link.removeprefix("https://").partition("/")[0]
    if form == 3:
        host = f"{_junk(chance)}{_junk(chance)}.{chance.choose(words.throwaway_suffixes)}"
    else:
        first, second = chance.choose(words.baits), chance.choose(words.baits)
        name = f"{first}{chance.choose(('-', '', ''))}{second}{chance.between(1, 999)}"
        host = f"{name}.{chance.choose(words.throwaway_suffixes)}"
    return chance.choose(_BAD_PREFIXES) + host + _path(chance, words, _BAD_PATHS), host


def _path(chance: Chance, words: Words, patterns: tuple[str, ...]) -> str:
    path = chance.pattern(patterns)
    return path.replace("{word}", chance.choose(words.paths)).replace("{word2}", chance.choose(words.paths))


def _junk(chance: Chance) -> str:
    return chance.pattern(("%%%%", "%%%##", "%%####", "###")).lower()


def _altered(chance: Chance, stem: str, swaps: dict[str, str]) -> str:
    """``stem`` with one letter exchanged; doubled at its end where it has none that could be."""
    places = [place for place, letter in enumerate(stem) if letter in swaps]
    if not places:
        return stem + stem[-1] + ("" if swaps is _SWAPS else "а")
    place = chance.choose(places)
    return stem[:place] + swaps[stem[place]] + stem[place + 1 :]
