import unicodedata

from torwart.text import alphabets
from torwart.text.folding import composed, word_of
from torwart.text.tables import LIMIT, LOOK_ALIKE_SHIFT, TARGET_MASK, tables


def test_every_look_alike_names_a_latin_letter() -> None:
    for letters, latin in (*alphabets.LOOK_ALIKES, *alphabets.LATIN_VARIANTS, *alphabets.LATIN_BASES):
        assert len(letters) == len(latin)
        assert latin.isascii()
        assert latin.islower()
    for letters, latin in alphabets.LOOK_ALIKES:
        for letter, plain in zip(letters, latin, strict=True):
            assert chr(tables()[ord(letter)] >> LOOK_ALIKE_SHIFT & 127) == plain


def test_every_letter_with_a_mark_is_found_by_its_parts() -> None:
    for code in range(LIMIT):
        character = chr(code)
        parts = unicodedata.normalize("NFD", character)
        if len(parts) == 2 and unicodedata.normalize("NFC", parts) == character == character.lower():
            assert composed(tables(), ord(parts[0]), ord(parts[1])) == code
    assert composed(tables(), ord("q"), 0x301) == 0


def test_code_points_beyond_the_table_are_known_by_their_ranges() -> None:
    for code in (0x20000, 0xE0041, 0xE0100, 0x10FFFF):
        assert word_of(tables(), code) & TARGET_MASK == code


def test_the_table_cannot_be_written_to() -> None:
    assert tables() is tables()
    assert not tables().flags.writeable
