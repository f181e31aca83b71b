import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.payload.links import TOP_LEVEL_DOMAINS, find_links


def links(*texts: str) -> list[str]:
    return find_links(texts, 99)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/x?y=1#z", ["https://a.example/x?y=1#z"]),
        ("HTTPS://A.EXAMPLE and http://10.0.0.1:80/x", ["HTTPS://A.EXAMPLE", "http://10.0.0.1:80/x"]),
        ("http://3232235777/login", ["http://3232235777/login"]),
        ("www.shop.example, www.x", ["www.shop.example", "www.x"]),
        ("auf dhl-zoll.top/abc zahlen", ["dhl-zoll.top/abc"]),
        ("bit.ly/x!", ["bit.ly/x"]),
        ("allegro.pl", ["allegro.pl"]),
        ("пример.рф und müller.de", ["пример.рф", "müller.de"]),
        ("xn--e1afmkfd.xn--p1ai", ["xn--e1afmkfd.xn--p1ai"]),
        ("a.b.c.co.uk:8080/p", ["a.b.c.co.uk:8080/p"]),
        ("AMAZON.DE", ["AMAZON.DE"]),
        ("192.168.1.1/login", ["192.168.1.1/login"]),
        ("archive.zip/x", ["archive.zip/x"]),
        ("(siehe https://x.de/a_(b)).", ["https://x.de/a_(b)"]),
        ("*https://x.de/a* _https://x.de/b_ ~x.de/c~", ["https://x.de/a", "https://x.de/b", "x.de/c"]),
        ("„www.x.de“ <https://y.de> [t](https://z.de/q)", ["www.x.de", "https://y.de", "https://z.de/q"]),
        ("请访问www.example.com查看，谢谢", ["www.example.com"]),
        ("b.de a.de b.de", ["b.de", "a.de"]),
        ("https://good.de@evil.top/x", ["https://good.de@evil.top/x"]),
    ],
)
def test_finds(text: str, expected: list[str]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "um 12.30 Uhr, 1.234,50 EUR, 24.12.2026, v1.2.3, 1.2.3.4, 300.1.1.1/x",
        "z.B. e.g. i.e. d.h. u.a. Fr.12 Nr.5 Mo.-Fr. Di.Mi.Do S.p.A.",
        "invoice.pdf photo.jpg report.docx archive.zip clip.mov",
        "Muster GmbH & Co.KG",
        "info@firma.de max.muster@firma.de a.de@b.de",
        "Es ist da.In Kürze mehr. delivered.Now what",
        "_.de -.de www.__ __.__",
        "https:// http://... :// www. www",
        "Hallo Welt... ja... nein.. .de ..de de.",
    ],
)
def test_does_not_find(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dhl[.]com", "dhl.com"),
        ("dhl (dot) com/x", "dhl.com/x"),
        ("dhl[punkt]com", "dhl.com"),
        ("dhl․com", "dhl.com"),
        ("dhl。com", "dhl.com"),
        ("ｄｈｌ．ｃｏｍ", "dhl.com"),
        ("𝗱𝗵𝗹.com", "dhl.com"),
        ("d\u200bhl.c\u00adom", "dhl.com"),
        ("https://dhl[.]com/x", "https://dhl.com/x"),
    ],
)
def test_undoes_a_disguise_and_says_so(text: str, expected: str) -> None:
    assert find_links([f"Bitte hier: {text} bezahlen"], 9) == ([expected], True)


def test_a_plain_link_beside_odd_characters_is_not_disguised() -> None:
    assert find_links(["Süß! 🎉\ufe0f (neu) a.de/x"], 9) == (["a.de/x"], False)


def test_stops_at_the_limit() -> None:
    assert links(" ".join(f"x{i}.de" for i in range(200))) == [f"x{i}.de" for i in range(99)]


def test_the_top_level_domains_are_plausible() -> None:
    assert {"de", "com", "top", "uk", "ck", "рф", "xn--p1ai"} <= TOP_LEVEL_DOMAINS
    assert not {"pdf", "docx", "b", "g", "", "co.uk", "12"} & TOP_LEVEL_DOMAINS


@pytest.mark.parametrize(
    "unit",
    [
        ".",
        "a.",
        "a",
        "_a",
        "-.",
        "https://",
        "x.de)",
        "(.)",
        "( ",
        "[ dot",
        "a.b@",
        "а。",
        "\u0301\u0327",
        "http://a",
        "a.de/(",
        "1.",
    ],
)
def test_takes_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        best = 9.0
        for _ in range(3):
            start = time.thread_time()
            find_links([text, f"https://a.de/{text}"], 10**9)
            best = min(best, time.thread_time() - start)
        return best

    # Eight times the text; quadratic time would be 64 times as much.
    assert seconds(128_000) < 16 * seconds(16_000) + 0.02


@given(st.text(alphabet="ab.:/@-_[](){} \n。\u200bdehtpsw1", max_size=60))
def test_a_link_has_no_space_and_a_dot_or_a_scheme(text: str) -> None:
    for link in links(text):
        assert re.fullmatch(r"\S+", link)
        assert "." in link or "://" in link
        assert links(f"vor {link} nach") == [link]
