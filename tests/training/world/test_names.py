from random import Random

import pytest

from torwart.payload.links import find_links
from training.families import PARTS
from training.world.names import local_business, lookalike
from training.world.rates import load_rates


@pytest.mark.parametrize("language", sorted(load_rates().languages))
def test_every_language_coins_businesses_with_a_website_that_is_one(language: str) -> None:
    rng = Random(language)
    for industry in ("shop", "health", "parcel"):
        brand = local_business(rng, industry, language, "world")
        assert brand.name
        assert brand.industry == industry
        link = f"https://{brand.domain}"
        assert find_links([f"{link} {brand.domain}"], 4)[0] == [link, brand.domain]


def test_parts_never_coin_the_same_name() -> None:
    rng = Random(1)
    names = {part: {local_business(rng, "shop", "de", part).name for _ in range(600)} for part in PARTS}
    assert not names["world"] & names["judge"]
    assert not names["world"] & names["text"]
    assert len(names["world"]) > 500


def test_lookalikes_are_close_and_mostly_another_name() -> None:
    rng = Random(2)
    forms = [lookalike(rng, "Rheinpost") for _ in range(300)]
    assert 0.6 < sum(form != "Rheinpost" for form in forms) / 300 < 0.98
    assert all(abs(len(form.split(" ")[0]) - len("Rheinpost")) == 0 for form in forms)
