import pytest

from torwart.text.normalise import normalise


@pytest.mark.parametrize(
    ("text", "normal", "undone"),
    [
        ("pаypаl", "paypal", 2),  # Cyrillic а
        ("Αmazοn", "amazon", 2),  # Greek Α, ο
        ("раураl", "paypal", 5),  # all Cyrillic but the last
        ("Bonus: сор", "bonus: cop", 3),  # wholly look-alikes, in a Latin text
        ("baпking", "banking", 1),  # п for n, outnumbered
        ("пpивeт", "привет", 2),  # Latin p and e in a Russian word
    ],
)
def test_a_word_goes_to_the_alphabet_that_cannot_be_imitated(text: str, normal: str, undone: int) -> None:
    result = normalise(text)
    assert result.text == normal
    assert result.undone.confusable == undone


@pytest.mark.parametrize(
    "text",
    [
        "доброе утро, ваш заказ готов",
        "сосо",
        "привет, это сор и нос, visa 1234",
        "καλημέρα σας, ο κωδικός είναι 1234",
        "επόμενο bus: αθήνα",
        "vipклиент smsки",
        "բարեւ ձեզ",
        "შენი კოდი",
        "رمز التحقق الخاص بك",
        "รหัสของคุณคือ 1234",
        "您的验证码是 1234",
        "आपका कोड है",
    ],
)
def test_words_of_their_own_script_stay(text: str) -> None:
    result = normalise(text)
    assert result.text == text
    assert result.undone.total == 0


@pytest.mark.parametrize(
    "text",
    [
        "schöne grüße aus der straße",
        "kapıyı açmayı unutmayın, ışık",
        "mã xác nhận được gửi đến bạn",
        "où êtes-vous allés à noël",
        "příliš žluťoučký kůň",
        "zażółć gęślą jaźń",
        "situação não é fácil",
        "blåbærsyltetøy",
    ],
)
def test_accents_of_a_language_stay(text: str) -> None:
    result = normalise(text)
    assert result.text == text
    assert result.undone.total == 0


def test_accents_that_no_language_writes_together_go() -> None:
    result = normalise("mönèÿ wın ƀřéê")
    assert result.text == "money win bree"
    assert result.undone.diacritic == 8
