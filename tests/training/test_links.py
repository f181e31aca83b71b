import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training import links
from training.chance import Chance
from training.families import Brand, read_brands, read_words
from training.templates import DATA

WORDS = read_words(DATA / "slots", "de")
BRANDS = read_brands(DATA / "brands.toml")
DOMAINS = {brand.domain for brand in BRANDS}


def belongs(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


@given(st.sampled_from(BRANDS), st.integers(0, 10**9))
def test_an_imitation_never_leads_to_a_brand(brand: Brand, seed: int) -> None:
    chance = Chance(np.random.default_rng(seed))
    for link, host in (
        links.lookalike(chance, WORDS, brand.domain),
        links.throwaway(chance, WORDS),
    ):
        assert host in link
        assert not any(belongs(host, domain) for domain in DOMAINS)


@given(st.sampled_from(sorted(DOMAINS)), st.integers(0, 10**9))
def test_an_own_link_leads_to_the_brand_its_short_domain_or_through_a_shortener(domain: str, seed: int) -> None:
    link, host = links.own(Chance(np.random.default_rng(seed)), WORDS, domain)
    assert host == domain
    written = link.split("://")[-1].split("/")[0].split("?")[0]
    assert belongs(written, domain) or written in links.OWN_SHORTENERS or written[0] == domain[0]


def test_most_imitations_name_the_brand() -> None:
    chance = Chance(np.random.default_rng(1))
    named = sum("paketfux" in links.lookalike(chance, WORDS, "paketfux.de")[0] for _ in range(1000))
    assert 500 < named < 900


def test_imitations_take_many_forms() -> None:
    chance = Chance(np.random.default_rng(2))
    made = [links.lookalike(chance, WORDS, "paketfux.de")[0] for _ in range(1000)]
    assert any("xn--" in link for link in made)
    assert any("bit.ly" in link or "is.gd" in link for link in made)
    assert any(link.startswith("http://") and link[7:10].strip(".").isdigit() for link in made)
    assert len(set(made)) > 950
