"""How a message is built: its type, buttons, media, lengths, and how much had to be undone to read it."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.entities import Message
from torwart.features.feature import NAN, Feature
from torwart.text.classifier import Evidence

_MAX_COUNTED: Final = 16_384


def _text(name: str, unit: str, meaning: str, monotone: int = 0) -> Feature:
    return Feature(name=name, group="structure", unit=unit, missing=NAN, monotone=monotone, meaning=meaning)


def _shape(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name=name, group="structure", unit=unit, missing=0.0, meaning=meaning)


TYPES: Final[dict[str, int]] = {
    "text": 1, "image": 2, "video": 3, "document": 4, "audio": 5, "location": 6, "contacts": 7, "interactive": 8,
    "template": 9,
}  # fmt: skip
CATEGORIES: Final[dict[str, int]] = {"AUTHENTICATION": 1, "UTILITY": 2, "MARKETING": 3}

FEATURES: Final = (
    _shape("type", "code", "0 other, 1 text, 2 image, 3 video, 4 document, 5 audio, 6 location, 7 contacts, "
           "8 interactive, 9 template"),
    _shape("category", "code", "0 none or other, 1 authentication, 2 utility, 3 marketing"),
    _shape("buttons", "count", "Buttons"),
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
    _text("undone_share", "share", "Characters that had to be undone to read the text", 1),
    _text("undone", "log1p count", "Characters that had to be undone to read the text", 1),
    _text("category_mismatch", "probability", "P(promotion or spam) by the text, where the sender filed the message "
          "as UTILITY or AUTHENTICATION; else 0", 1),
)  # fmt: skip


@compiled
def _count(codes: NDArray[np.uint32], out: NDArray[np.float64]) -> None:
    """Lines, capitals, cased letters, digits, emoji, exclamation marks, currency signs among code points."""
    out[:] = 0.0
    for code in codes:
        if code == 10:
            out[0] += 1
        elif 65 <= code <= 90 or 0xC0 <= code <= 0xDE or 0x391 <= code <= 0x3A9 or 0x410 <= code <= 0x42F:
            out[1] += 1
            out[2] += 1
        elif 97 <= code <= 122 or 0xDF <= code <= 0xFF or 0x3B1 <= code <= 0x3C9 or 0x430 <= code <= 0x44F:
            out[2] += 1
        elif 48 <= code <= 57:
            out[3] += 1
        elif code >= 0x1F000 or 0x2600 <= code <= 0x27BF:
            out[4] += 1
        elif code in (33, 63, 0xA1, 0xBF, 0xFF01, 0xFF1F):
            out[5] += 1
        elif code in (36, 0xA3, 0xA5) or 0x20A0 <= code <= 0x20CF:
            out[6] += 1


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
    counted = text[:_MAX_COUNTED]
    counts = np.empty(7)
    _count(np.frombuffer(counted.encode("utf-32-le", "surrogatepass"), dtype=np.uint32), counts)
    lines, capitals, letters, digits, emoji, exclamations, currency = counts.tolist()
    size = max(1, len(counted))
    undone = evidence.undone.total
    values += [
        math.log1p(len(text)),
        math.log1p(lines),
        capitals / letters if letters else 0.0,
        digits / size,
        math.log1p(emoji),
        math.log1p(exclamations),
        math.log1p(currency),
        min(1.0, undone / size),
        math.log1p(undone),
        mismatch if message.category in ("UTILITY", "AUTHENTICATION") else 0.0,
    ]
    return values
