"""How one character is read: what it is written as, what kind it is, and what writing it so counts as."""

from torwart.text import alphabets

# Kinds: what the first pass does with a character.
PLAIN, SPACE, INVISIBLE, JOINER, SELECTOR, DIRECTION, MARK, EXPANSION, REGIONAL = range(9)

# Tallies: what replacing a character by its target counts as.
NOTHING, CONFUSABLE, EMOJI_LETTER, FULL_WIDTH = range(4)

LONGEST_EXPANSION = 4
"""Characters that one may be written as; what would need more stays itself."""
_WIDE_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_DIRECTIONS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200b\u200c\u200d\u2060\u00ad\ufeff")
BLANKS = frozenset("\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u034f\u3164\uffa0")
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2\U000110bd\U000110cd")
_UNDEFINED_BYTES = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_SQUARED_WORDS = {0x1F191: "cl", 0x1F192: "cool", 0x1F193: "free", 0x1F194: "id", 0x1F195: "new", 0x1F196: "ng"}
_SQUARED_WORDS |= {0x1F197: "ok", 0x1F198: "sos", 0x1F199: "up", 0x1F19A: "vs"}
_TALLY_OF_FORM = {"<font>": CONFUSABLE, "<super>": CONFUSABLE, "<sub>": CONFUSABLE, "<wide>": FULL_WIDTH}
_TALLY_OF_FORM |= {"<circle>": EMOJI_LETTER, "<square>": EMOJI_LETTER}


def reading(code: int, category: str, target: str, form: str, is_second: bool) -> tuple[str, int, int]:
    """What a character is written as, of which kind it is, and what writing it so counts as."""
    character = chr(code)
    kind = _kind(code, category, character, is_second)
    if kind == SPACE:
        return ("\n" if character in _WIDE_SPACES else " "), SPACE, NOTHING
    if category == "Cs":
        return "\ufffd", PLAIN, NOTHING
    if kind != PLAIN:
        return character, kind, NOTHING
    if code in _SQUARED_WORDS:
        return _SQUARED_WORDS[code], EXPANSION, EMOJI_LETTER
    if 0x1F150 <= code <= 0x1F169 or 0x1F170 <= code <= 0x1F189:
        return chr(ord("a") + (code - 0x1F150) % 32), PLAIN, EMOJI_LETTER
    if category == "Cc":  # a byte of Windows-1252 that was never decoded: a quotation mark, a dash, the euro sign
        return bytes([code]).decode("cp1252").lower(), PLAIN, NOTHING
    if 0xE00 <= code <= 0xEFF:  # Thai and Lao write their "am" in one character
        return character, PLAIN, NOTHING
    if code == 0x130:  # its lower case is an i with a dot on it
        return "i", PLAIN, NOTHING
    if not target or target[0] == " " or len(target) > LONGEST_EXPANSION:
        return character, PLAIN, NOTHING
    if len(target) > 1:
        return target, EXPANSION, NOTHING
    reads_as_text = target.isalpha() or (form == "<font>" and target.isdigit())
    tally = _TALLY_OF_FORM.get(form, NOTHING) if reads_as_text and target.isascii() and code not in {0xAA, 0xBA} else 0
    return target, PLAIN, tally


def _kind(code: int, category: str, character: str, is_second: bool) -> int:
    if category in {"Zs", "Zl", "Zp"} or character in _WIDE_SPACES or code == 0x2800:
        return SPACE
    if character in _JOINERS:
        return JOINER
    if character in _DIRECTIONS:
        return DIRECTION
    if 0xFE00 <= code <= 0xFE0F:
        return SELECTOR
    is_control = category == "Cc" and (code < 0x80 or code in _UNDEFINED_BYTES)
    if is_control or character in BLANKS or (category == "Cf" and character not in _VISIBLE_FORMATS):
        return INVISIBLE
    if 0x1F1E6 <= code <= 0x1F1FF:
        return REGIONAL
    inherited = 0x300 <= code <= 0x36F or 0x1AB0 <= code <= 0x1AFF or 0x1DC0 <= code <= 0x1DFF
    if is_second or inherited or 0x20D0 <= code <= 0x20FF or 0xFE20 <= code <= 0xFE2F:
        return MARK
    return PLAIN


def base(code: int, category: str, decomposed: str, character: str) -> int:
    """The character as the n-grams see it: a digit is 0, a Latin, Greek or Arabic letter has no marks; 0 is none."""
    if category == "Nd":
        return ord("0")
    if (category == "Mn" and 0x591 <= code <= 0x8FF) or code == 0x640:
        return 0
    for letters, plain in alphabets.LATIN_BASES:
        if character in letters:
            return ord(plain[letters.index(character)])
    alphabetic = code < 0x400 or 0x620 <= code <= 0x6FF or 0x1E00 <= code <= 0x1FFF or character == "ё"
    return ord(decomposed[0]) if alphabetic and category[0] == "L" else code
