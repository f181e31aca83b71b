import numpy as np
import pytest

from torwart.text import links as k
from torwart.text.normalise import normalise
from torwart.text.tables import tables


def found(text: str) -> list[tuple[str, str]]:
    """Host and what follows it, of every link."""
    codes = normalise(text).codes.view(np.int32)
    rows = np.zeros((k.MOST_LINKS, k.LINK_FIELDS), dtype=np.int32)
    count = k.find_links(codes, len(codes), tables(), rows)
    written = codes.tobytes().decode("utf-32-le")
    return [(written[row[k.HOST] : row[k.HOST_END]], written[row[k.HOST_END] : row[k.END]]) for row in rows[:count]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Track it: https://www.dhl.de/track?id=7#top today", [("dhl.de", "/track?id=7#top")]),
        ("http://203.0.113.9/pay", [("203.0.113.9", "/pay")]),
        ("see www.example.com.", [("example.com", ".")]),
        ("bit.ly/3xYz and shop.example.co.uk", [("bit.ly", "/3xyz"), ("shop.example.co.uk", "")]),
        ("点击www.example.cn领取", [("example.cn", "")]),
        ("คลิกhttps://lin.ee/abcเลย", [("lin.ee", "/abc")]),
        ("https://intern.local-host/x", [("intern.local-host", "/x")]),
        ("(example.com)", [("example.com", ")")]),
    ],
)
def test_links_have_a_host_and_a_path(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "...",
        "a.b",
        "e.g. this",
        "12.50",
        "Fertig.Danke",
        "mail me@example.com",
        "v1.2.3",
        "http://",
        "www.",
        "PT.Muster",
    ],
)
def test_what_only_looks_like_a_link_is_none(text: str) -> None:
    assert found(text) == []


def test_only_so_many_links_are_read_and_a_long_text_of_dots_takes_no_time() -> None:
    assert len(found("ab.com " * 100)) == k.MOST_LINKS
    assert found(".a" * 8000) == []
