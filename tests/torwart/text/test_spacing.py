import pytest

from torwart.text.normalise import normalise


@pytest.mark.parametrize(
    ("text", "normal", "undone"),
    [
        ("f r e e", "free", 3),
        ("get it f.r.e.e now", "get it free now", 3),
        ("c l i c k  h e r e", "click here", 7),
        ("f-r-e-e b_o_n_u_s", "free bonus", 7),
        ("с к и д к а", "скидка", 5),
        ("f r e e money", "free money", 3),
    ],
)
def test_words_pulled_apart_are_joined(text: str, normal: str, undone: int) -> None:
    result = normalise(text)
    assert result.text == normal
    assert result.undone.spaced == undone


@pytest.mark.parametrize(
    "text", ["z. b. in der u.s.a. oder u. a. dort", "plan a b c", "1 2 3 4 5", "您 的 验 证 码", "a+b", "i am a b-plus"]
)
def test_abbreviations_lists_and_tokenised_chinese_stay(text: str) -> None:
    result = normalise(text)
    assert result.text == text
    assert result.undone.total == 0


@pytest.mark.parametrize(
    ("text", "normal", "undone"), [("freeeee", "free", 3), ("freee!", "free!", 1), ("Скиииидка", "скиидка", 2)]
)
def test_repeated_letters_are_shortened_to_two(text: str, normal: str, undone: int) -> None:
    result = normalise(text)
    assert result.text == normal
    assert result.undone.repeated == undone


@pytest.mark.parametrize(
    "text", ["schifffahrt", "www.example.com", "ludwig xiii", "karte xxxxxxxx1234", "555555", "aaa"]
)
def test_repeats_that_belong_stay(text: str) -> None:
    result = normalise(text)
    assert result.text == text
    assert result.undone.total == 0
