"""Families of message templates and the brands that send them, as their files under ``data/`` have them."""

import re
import tomllib
from itertools import permutations
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import xxhash
from msgspec import Struct

from training.slots import SLOTS
from training.words import Words

PARTS = ("text", "world", "judge")
"""What a family or a brand is used for: training the text classifier, the world that is learned from, judging."""

_KINDS_OF = {
    "wanted": (
        "authentication",
        "transaction",
        "mobile_money",
        "delivery",
        "appointment",
        "travel",
        "invoice",
        "utility_notice",
        "service_chat",
        "government",
        "health",
        "school",
    ),
    "promo": (
        "promotion",
        "newsletter",
    ),
    "spam": (
        "unsolicited_promotion",
        "gambling",
        "loan",
        "adult",
        "shady_shop",
    ),
    "fraud": (
        "parcel_fee",
        "bank_login",
        "wallet_login",
        "code_theft",
        "hi_mum",
        "fake_support",
        "prize",
        "job_scam",
        "investment_scam",
        "tax_toll",
        "crypto",
        "fake_buyer",
        "ceo_fraud",
    ),
}

KINDS: dict[str, str] = {kind: text_class for text_class, kinds in _KINDS_OF.items() for kind in kinds}
"""Every kind of message, with the text class it belongs to."""

CATEGORIES = ("AUTHENTICATION", "UTILITY", "MARKETING", "")
"""What a sender may file a template as; empty for free text."""

INDUSTRIES = (
    "airline",
    "bank",
    "parcel",
    "shop",
    "telecom",
    "utility",
    "health",
    "government",
    "school",
    "travel",
    "marketplace",
    "mobile_money",
    "restaurant",
    "service",
    "newsletter",
    "none",
)
"""The kinds of brand; ``none`` stands for a private person or nobody in particular."""

BUTTON_TYPES = {"url": "URL", "reply": "QUICK_REPLY", "phone": "PHONE_NUMBER", "code": "OTP"}
"""What the word behind a button's label becomes in a message."""

SLOT = re.compile(r"\{([^{}]*)\}")
"""A slot in a text, its name as the group."""

_ORDERS = tuple(permutations(PARTS))
_BLOCK = 5
_T = TypeVar("_T")


class TemplateError(ValueError):
    """A file below ``data/`` is not as it must be; the message says where, and what would be right."""


class Brand(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who sends messages. ``languages`` are those of the customers it writes to."""

    name: str
    domain: str
    industry: str
    languages: tuple[str, ...]
    part: str


NOBODY = Brand(name="", domain="", industry="none", languages=(), part="")
"""The sender of families whose industry is ``none``."""


class Family(Struct, frozen=True, kw_only=True):
    """One situation told by one kind of sender. ``buttons`` are pairs of a label, which may hold slots, and a type;
    where it is ``literal``, braces in a template are braces."""

    id: str
    text_class: str
    kind: str
    category: str
    industries: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]
    templates: tuple[str, ...]
    language: str
    part: str
    words: Words
    literal: bool = False


def read_families(folder: Path, language: str) -> list[Family]:
    """The families of one language in ``folder``/templates, in the order of their files.

    Raises TemplateError, naming file and family, for whatever is not as ``templates/README.md`` says.
    """
    words = read_words(folder / "slots", language)
    found = []
    for path in sorted((folder / "templates" / language).glob("*.toml")):
        for index, entry in enumerate(_read(path).get("family", [])):
            part = _part(language, path.stem, index)
            found.append(
                _family(entry, f"{language}/{path.name}, family {index + 1}", path.stem, language, part, words)
            )
    return found


def _part(language: str, kind: str, index: int) -> str:
    """The part of the ``index``-th family of a file: of five in a row three go to ``text``, one to either other part.

    The first three of the five go to three parts, in an order drawn by hash, so that short files serve all parts.
    """
    block, place = divmod(index, _BLOCK)
    order = _ORDERS[xxhash.xxh3_64_intdigest(f"{language}/{kind}/{block}".encode()) % len(_ORDERS)]
    return order[place] if place < len(order) else "text"


def _family(entry: dict[str, Any], where: str, kind: str, language: str, part: str, words: Words) -> Family:
    written = _convert(entry, _Written, where)
    where = f"{where} ({written.id})"
    if not written.id.startswith(f"{language}-"):
        raise TemplateError(f"{where}: the id must start with {language + '-'!r}.")
    if kind not in KINDS or written.kind != kind:
        raise TemplateError(f"{where}: kind {written.kind!r} must be the file's name and one of {', '.join(KINDS)}.")
    if written.text_class != KINDS[kind]:
        raise TemplateError(f"{where}: class {written.text_class!r} must be {KINDS[kind]!r} for kind {kind!r}.")
    if written.category not in CATEGORIES:
        raise TemplateError(f"{where}: category {written.category!r} must be one of {CATEGORIES}.")
    if not written.industry or not set(written.industry) <= set(INDUSTRIES):
        raise TemplateError(f"{where}: industry {list(written.industry)} must be some of {', '.join(INDUSTRIES)}.")
    if not written.templates or not all(template.strip() for template in written.templates):
        raise TemplateError(f"{where}: templates must hold at least one text, and none may be empty.")
    buttons = tuple(_written_button(button, where) for button in written.buttons)
    for text in (*written.templates, *(label for label, _ in buttons)):
        _check_slots(text, where, written)
    return Family(
        id=written.id,
        text_class=written.text_class,
        kind=kind,
        category=written.category,
        industries=written.industry,
        buttons=buttons,
        templates=written.templates,
        language=language,
        part=part,
        words=words,
    )


class _Written(Struct, forbid_unknown_fields=True, rename={"text_class": "class"}):
    """A family as its file has it."""

    id: str
    text_class: str
    kind: str
    category: str
    industry: tuple[str, ...]
    templates: tuple[str, ...]
    buttons: tuple[str, ...] = ()


def _check_slots(text: str, where: str, written: _Written) -> None:
    slots = set(SLOT.findall(text))
    unknown = sorted(slots.difference(SLOTS))
    if unknown:
        raise TemplateError(
            f"{where}: unknown slot {{{unknown[0]}}} in {text!r}; known are {', '.join(sorted(SLOTS))}."
        )
    if set("{}") & set(SLOT.sub("", text)):
        raise TemplateError(f"{where}: a single brace in {text!r}; braces only go round the name of a slot.")
    if "none" in written.industry:
        nameless = {"brand"} if written.text_class in ("spam", "fraud") else {"brand", "link", "domain"}
        if slots & nameless:
            slot = sorted(slots & nameless)[0]
            raise TemplateError(f"{where}: {{{slot}}} in {text!r} needs a brand, so 'none' may not be an industry.")


def _written_button(button: str, where: str) -> tuple[str, str]:
    label, _, kind = button.rpartition("|")
    if not label or kind not in BUTTON_TYPES:
        raise TemplateError(f"{where}: button {button!r} must be a label, a bar and one of {', '.join(BUTTON_TYPES)}.")
    return label, BUTTON_TYPES[kind]


def read_words(folder: Path, language: str) -> Words:
    """What slots take in ``language``, from ``folder``; raises TemplateError where the file is missing or wrong."""
    path = folder / f"{language}.toml"
    if not path.is_file():
        raise TemplateError(
            f"There are templates in {language!r}, so {path.name} with its words must be in {folder.name}/."
        )
    return _convert({**_read(folder / "common.toml"), **_read(path)}, Words, f"{folder.name}/{path.name}")


def read_brands(path: Path) -> tuple[Brand, ...]:
    """The brands of one file; raises TemplateError, naming the brand, for one that is not as it must be."""
    entries = enumerate(_read(path).get("brand", []), 1)
    brands = tuple(_convert(entry, Brand, f"{path.name}, brand {number}") for number, entry in entries)
    names: set[str] = set()
    for brand in brands:
        where = f"{path.name}, brand {brand.name!r}"
        if brand.name in names or not brand.name or "." not in brand.domain:
            raise TemplateError(f"{where}: name must be there once and domain must be a host name.")
        if brand.industry not in INDUSTRIES or brand.industry == "none":
            raise TemplateError(f"{where}: industry {brand.industry!r} must be one of {', '.join(INDUSTRIES[:-1])}.")
        if brand.part not in PARTS:
            raise TemplateError(f"{where}: part {brand.part!r} must be one of {', '.join(PARTS)}.")
        names.add(brand.name)
    return brands


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(
            f"{path.name} in {path.parent.name}/ must be readable as TOML in UTF-8: {error}."
        ) from error


def _convert(entry: object, kind: type[_T], where: str) -> _T:
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError as error:
        raise TemplateError(f"{where}: {error}.") from error
