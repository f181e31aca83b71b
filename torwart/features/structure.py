"""How a message is built: its type, buttons, media, lengths, and how much had to be undone to read it."""

import math
from typing import Final

from torwart.entities import Message
from torwart.features.feature import NAN, Feature
from torwart.text.classifier import Evidence
from torwart.text.normalise import MAX_CHARACTERS

_CHOOSE: Final = "Choose another form of message; all forms are free to choose"
_WORD: Final = "Write differently; style is free to choose"
_PLAIN: Final = "Write plainly, and be read by the classifier as people read it"


def _text(name: str, unit: str, meaning: str, monotone: int = 0, gaming: str = _WORD) -> Feature:
    return Feature(
        name=name, group="structure", unit=unit, missing=NAN, monotone=monotone, meaning=meaning, gaming=gaming
    )


def _shape(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name=name, group="structure", unit=unit, missing=0.0, meaning=meaning, gaming=_CHOOSE)


TYPES: Final[dict[str, int]] = {
    "text": 1, "image": 2, "video": 3, "document": 4, "audio": 5, "location": 6, "contacts": 7, "interactive": 8,
    "template": 9,
}  # fmt: skip
CATEGORIES: Final[dict[str, int]] = {"AUTHENTICATION": 1, "UTILITY": 2, "MARKETING": 3}

FEATURES: Final = (
    _shape("type", "code", "0 other, 1 text, 2 image, 3 video, 4 document, 5 audio, 6 location, 7 contacts, "
           "8 interactive, 9 template"),
    _shape("category", "code", "0 none or other, 1 authentication, 2 utility, 3 marketing"),
    _shape("buttons", "count", "Buttons under the message"),
    _shape("url_buttons", "count", "Buttons that open a link"),
    _shape("phone_buttons", "count", "Buttons that call"),
    _shape("media", "count", "Pictures, videos, documents, sounds"),
    _shape("has_header", "flag", "A header text"),
    _shape("has_footer", "flag", "A footer text"),
    _text("length", "log1p characters", "Length of the text"),
    _text("lines", "log1p count", "Line breaks"),
    _text("capitals", "share", "Capitals among cased letters of the Latin, Greek and Cyrillic scripts"),
    _text("digits", "share", "Digits among characters"),
    _text("emoji", "log1p count", "Emoji and pictographs"),
    _text("exclamations", "log1p count", "Exclamation and question marks"),
    _text("currency", "log1p count", "Currency signs"),
    _text("undone_share", "share", "Characters that had to be undone to read the text", 1, _PLAIN),
    _text("undone", "log1p count", "Characters that had to be undone to read the text", 1, _PLAIN),
    _text("category_mismatch", "probability", "P(promotion or spam) by the text, where the sender filed the message "
          "as UTILITY or AUTHENTICATION; else 0", 1, "File promotions as MARKETING, to which consent and stops apply"),
)  # fmt: skip


def read(message: Message, text: str, evidence: Evidence | None, mismatch: float) -> list[float]:
    """The features of :data:`FEATURES`, in order. ``mismatch`` is P(promo or spam) by the text; without ``evidence``
    the text is withheld."""
    kinds = [button.type for button in message.buttons]
    values = [
        float(TYPES.get(message.type, 0)),
        float(CATEGORIES.get(message.category, 0)),
        float(len(kinds)),
        float(kinds.count("URL")),
        float(kinds.count("PHONE_NUMBER")),
        float(len(message.media)),
        float(bool(message.header)),
        float(bool(message.footer)),
    ]
    if evidence is None:
        return values + [NAN] * 10
    marks = evidence.marks
    size = max(1, min(len(text), MAX_CHARACTERS))
    undone = evidence.undone.total
    values += [
        math.log1p(len(text)),
        math.log1p(marks.lines),
        marks.capitals / marks.letters if marks.letters else 0.0,
        marks.digits / size,
        math.log1p(marks.emoji),
        math.log1p(marks.exclamations),
        math.log1p(marks.currency),
        min(1.0, undone / size),
        math.log1p(undone),
        mismatch if message.category in ("UTILITY", "AUTHENTICATION") else 0.0,
    ]
    return values
