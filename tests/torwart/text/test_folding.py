import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.text.normalise import normalise

WORDS = ["payment", "straße", "größer", "été", "привет", "καλημέρα", "việt", "한국어", "が", "łódź"]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ﬁnance oﬃce", "finance office"),
        ("x² №5 Ⅷ ½", "x2 no5 viii 1⁄2"),
        ("İstanbul IRMAK", "istanbul irmak"),
        ("STRASSE Straße STRAẞE", "strasse straße straße"),
        ("so\u00a0viel\u3000Platz", "so viel platz"),
        ("don\x92t \x80 5", "don’t € 5"),
        ("นำส่งเรียบร้อย", "นำส่งเรียบร้อย"),
    ],
)
def test_compatibility_forms_are_written_plainly_and_are_no_disguise(text: str, normal: str) -> None:
    result = normalise(text)
    assert result.text == normal
    assert result.undone.total == 0


def test_mathematical_small_capital_and_full_width_letters_are_a_disguise_in_an_alphabet() -> None:
    result = normalise("𝐅𝐫𝐞𝐞 𝕨𝕚𝕟 ᴄʟɪᴄᴋ ＷＩＮ")
    assert result.text == "free win click win"
    assert result.undone.confusable == 15


def test_full_width_letters_are_no_disguise_among_chinese_characters() -> None:
    result = normalise("请登录ＡＢＣ网站")
    assert result.text == "请登录abc网站"
    assert result.undone.total == 0


@settings(deadline=None)
@given(st.text(string.ascii_lowercase, min_size=2, max_size=12), st.data())
def test_what_cannot_be_seen_inside_a_word_is_dropped_and_counted(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 1))
    hidden = data.draw(st.text("\u200b\u200c\u200d\u2060\u00ad\ufeff\u202e\u0000\U000e0041", min_size=1, max_size=5))
    result = normalise(word[:place] + hidden + word[place:])
    assert result.text == normalise(word).text
    assert result.undone.invisible == len(hidden)


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "\u200fשלום\u200e",
        "क्\u200dष",
        "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3",
        "🏴\U000e0067\U000e007f",
        "\ufeffHallo",
    ],
)
def test_joiners_and_directions_are_no_disguise_where_scripts_and_emoji_need_them(text: str) -> None:
    assert normalise(text).undone.total == 0


@pytest.mark.parametrize("word", WORDS)
def test_composed_and_decomposed_spellings_are_the_same(word: str) -> None:
    result = normalise(unicodedata.normalize("NFD", word))
    assert result.text == unicodedata.normalize("NFC", word)
    assert result.undone.total == 0


def test_marks_stacked_on_letters_are_dropped_and_counted() -> None:
    result = normalise("f\u0336r\u0336e\u0336e\u0336 b\u0308onus")
    assert result.text == "free bonus"
    assert result.undone.diacritic == 5


@pytest.mark.parametrize(
    ("text", "normal", "letters"),
    [
        ("🅵🆁🅴🅴 ⓦⓘⓝ 🄼🄾🅁🄴", "free win more", 11),
        ("🇫 🇷 🇪 🇪", "free", 4),
        ("🇫\u200b🇷\u200b🇪", "fre", 3),
        ("🆓", "free", 1),
        ("🇩🇪 🇨🇭 🇩🇪🇦🇹", "🇩🇪 🇨🇭 🇩🇪🇦🇹", 0),
    ],
)
def test_emoji_letters_are_letters_and_flags_are_flags(text: str, normal: str, letters: int) -> None:
    result = normalise(text)
    assert result.text == normal
    assert result.undone.emoji_letters == letters
