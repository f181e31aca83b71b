import pytest

from torwart.text.normalise import normalise


@pytest.mark.parametrize(
    ("text", "normal", "undone"),
    [
        ("p4yp4l", "paypal", 2),
        ("fr€e v1agra", "free viagra", 2),
        ("cl!ck a pr!ze", "click a prize", 2),
        ("c@sh b0nus!", "cash bonus!", 2),
        ("$ave your ca$h", "save your cash", 2),
        ("de1ivery p1ease", "delivery please", 2),
        ("y0ur 4ccount is l0cked", "your account is locked", 3),
        ("W3LCOME B0NUS FOR YOU", "welcome bonus for you", 2),
        ("1oan 0ffer: ema1l us to c1aim", "loan offer: email us to claim", 4),
        ("d31n3 P4k3t3", "deine pakete", 6),
        ("pl3453 c0nf1rm 7h3 c0d3 d0 17 n0w 0r l053 1t", "please confirm the code do 17 now or lose it", 17),
        ("b1773 b3574t1g3 d31n3 d4t3n", "bitte bestatige deine daten", 15),
    ],
)
def test_digits_and_symbols_inside_words_are_letters(text: str, normal: str, undone: int) -> None:
    result = normalise(text)
    assert result.text == normal
    assert result.undone.leet == undone


@pytest.mark.parametrize(
    "text",
    [
        "Flug LH123 mit A380 um 10:30",
        "3D, 4K, B2B, mp3, H1N1, W3C, iPhone13, COVID19, 5G, o2",
        "DE89370400440532013000, GB29 NWBK 6016 1331 9268 19",
        "Sendung 1Z999AA10123456784, RB123456789DE",
        "code AB1CDE, K7F3QX or aB3dE9k",
        "am 24.12.2026 10:30-12:00, 5min, 20kg, 50GB",
        "1st 2nd 3rd 4th, 2day, l8r, gr8fun",
        "rp10rb",
        "London SW1A 1AA",
        "USD 1,234.50, 20€, US$5, €10",
        "name@example.com, mom@sbi, paypa1.com/l0gin, www.p4y.example",
        "Hi!How are you",
        "Danke! Gut!",
    ],
)
def test_codes_names_and_sums_stay(text: str) -> None:
    result = normalise(text)
    assert result.text == text.lower()
    assert result.undone.total == 0


def test_one_letter_among_digits_is_read_only_where_there_is_no_doubt() -> None:
    assert normalise("the b1773 and d3").text == "the b1773 and d3"
    assert normalise("kl1ck h13r schn3ll n0 d3 b1773").text == "klick hier schnell no de bitte"
    assert normalise("cl1ck h3r3 1234 56 K7F3QX 4711").text == "click here 1234 56 k7f3qx 4711"
