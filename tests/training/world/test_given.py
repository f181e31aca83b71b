import json
from pathlib import Path
from typing import Any

import pytest

from torwart.events import MessageScored, decode_body
from training.families import KINDS
from training.log import read_log
from training.world.given import TextsError, library_of
from training.world.rates import Rates
from training.world.series import Series
from training.world.simulate import simulate
from training.world.source import source_of

GOOD = """text,label,lang,kind
"Your {parcel} is here, pay {nothing}",ham,en,delivery
Your code is 1234,wanted,de,
Half price today,promo,en,promotion
Play now at http://win.example,spam,en,gambling
"Mum, my phone broke",smishing,en,hi_mum
"Your parcel waits, pay at http://pay.example",fraud,en,parcel_fee
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "texts.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_text_becomes_a_family_of_its_kind_or_of_all_of_its_label(tmp_path: Path) -> None:
    families = library_of(written(tmp_path, GOOD), "judge").part("judge").families
    assert [family.kind for family in families if family.language == "de"] == [
        kind for kind, text_class in KINDS.items() if text_class == "wanted"
    ]
    assert {(family.kind, family.text_class) for family in families if family.language == "en"} == {
        ("delivery", "wanted"),
        ("promotion", "promo"),
        ("gambling", "spam"),
        ("hi_mum", "fraud"),
        ("parcel_fee", "fraud"),
    }
    assert len({family.id for family in families}) == len(families)


def test_a_world_sends_the_texts_as_they_stand(tmp_path: Path, rates: Rates) -> None:
    path = written(tmp_path, GOOD)
    simulate(
        tmp_path / "log",
        Series(rates=rates, library=library_of(path, "world"), days=4, recipients=60, seed=1),
        texts_file=source_of(path),
    )
    bodies = [decode_body(record.body) for record in read_log(tmp_path / "log") if record.kind == "message"]
    texts = {body.case.message.body for body in bodies if isinstance(body, MessageScored)}
    assert "Your {parcel} is here, pay {nothing}" in texts
    assert "Play now at http://win.example" in texts
    summary: dict[str, Any] = json.loads((tmp_path / "log" / "world.json").read_text())
    assert summary["texts"] == {"name": "texts.csv", "sha256": source_of(path).sha256}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("text\nHello\n", "has no column label"),
        ("text,label\n", "holds no texts"),
        ("text,label\n,ham\n", "line 2: the text is empty"),
        ("text,label\nHi,ham\nHello,nice\n", "line 3: label 'nice' should be one of wanted, ham"),
        ("text,label,kind\nHello,ham,gambling\n", "line 2: kind 'gambling' should be one of authentication"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(TextsError, match=problem):
        library_of(written(tmp_path, text), "judge")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TextsError, match="There is no file"):
        library_of(tmp_path / "none.csv", "judge")
    (tmp_path / "latin.csv").write_bytes("text,label\nGrüße,ham\n".encode("latin-1"))
    with pytest.raises(TextsError, match="UTF-8"):
        library_of(tmp_path / "latin.csv", "judge")
