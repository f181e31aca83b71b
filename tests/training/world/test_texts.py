from random import Random

import numpy as np
import pytest

from torwart.features.hosts import host_of
from training.templates import Library
from training.world.names import local_business
from training.world.texts import Script, Texts, compose, drawn_host, script_of


@pytest.fixture(scope="module")
def texts(library: Library) -> Texts:
    return Texts(library.part("world"))


def scripts(texts: Texts, kind: str, seed: int = 1, **given: object) -> list[Script]:
    rng = Random(seed)
    return [
        script_of(
            rng,
            family,
            texts.borrowed(rng, family),
            sender_id="biz_1",
            campaign_id="c",
            sender_kind="business",
            **given,  # type: ignore[arg-type]
        )
        for family in texts.families("de", kind)
        for _ in range(12)
    ]


def test_templates_are_filed_with_their_category_and_free_text_is_not(texts: Texts) -> None:
    rng, draws = Random(1), np.random.default_rng(1)
    for script in scripts(texts, "authentication") + scripts(texts, "promotion") + scripts(texts, "service_chat"):
        message = compose(script, "biz_1", rng, draws)
        assert message.body
        assert message.category == script.category
        assert (message.type == "template") == (script.category != "")
        if message.template is not None:
            assert message.template.language == "de"
            assert message.template.id.isdigit()
    assert any(compose(script, "b", rng, draws).media for script in scripts(texts, "promotion"))
    assert any(compose(script, "b", rng, draws).buttons for script in scripts(texts, "promotion"))
    assert any(compose(script, "b", rng, draws).header for script in scripts(texts, "promotion"))


def test_one_sender_keeps_one_template_id_and_another_has_another(texts: Texts) -> None:
    rng, draws = Random(1), np.random.default_rng(1)
    script = scripts(texts, "promotion")[0]
    ids = [
        compose(script, sender, rng, draws).template.id  # type: ignore[union-attr]
        for sender in ("biz_1", "biz_1", "biz_2")
    ]
    assert ids[0] == ids[1] != ids[2]


def test_a_campaigns_links_lead_to_one_host(texts: Texts) -> None:
    rng, draws = Random(1), np.random.default_rng(1)
    linked = 0
    for script in scripts(texts, "parcel_fee", host="paket-zoll.top"):
        for _ in range(4):
            links = compose(script, "biz_1", rng, draws).links
            assert {host_of(link)[0] for link in links} <= {"paket-zoll.top"}
            linked += bool(links)
    assert linked > 4
    assert drawn_host(next(script for script in scripts(texts, "parcel_fee") if "{link}" in script.template), draws)


def test_industries_without_texts_of_a_kind_borrow_them(texts: Texts) -> None:
    rng, draws = Random(1), np.random.default_rng(1)
    families = texts.families("de", "travel", "school")
    assert families
    brand = local_business(rng, "school", "de", "world")
    script = script_of(rng, families[0], brand, sender_id="b", campaign_id="c", sender_kind="business")
    assert compose(script, "b", rng, draws).body
    assert texts.families("de", "no such kind") == []


def test_disguised_scripts_change_from_message_to_message(texts: Texts) -> None:
    rng, draws = Random(1), np.random.default_rng(1)
    script = scripts(texts, "unsolicited_promotion", disguise=0.9)[0]
    assert len({compose(script, "b", rng, draws).body for _ in range(6)}) == 6
