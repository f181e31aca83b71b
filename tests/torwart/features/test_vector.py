"""Every feature group passes the same suite."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.entities import Button, Case, Media, Message, Sender, TemplateRef, VerificationStatus
from torwart.features.brands import brand_claimed, brand_in
from torwart.features.catalogue import CATALOGUE, GROUPS, MISSING, N_OWN, NAMES, POSITION, catalogue_hash, columns_of
from torwart.features.fingerprint import campaign_keys
from torwart.features.hosts import host_of, read_host
from torwart.features.rows import MESSAGE, NO_CAMPAIGNS, pack, unpack
from torwart.features.state import FoldState
from torwart.features.vector import prepare, vector
from torwart.text.classifier import TextClassifier
from torwart.text.ngrams import N_COLUMNS
from torwart.text.normalise import normalise

NOW = 1_780_000_000_000_000
TEXT = TextClassifier(
    np.random.default_rng(0).normal(scale=30, size=(N_COLUMNS, 4)).clip(-127, 127).astype(np.int8),
    0.03,
    np.zeros(4),
    threshold=0.9,
)


def case(message: Message | None = None, sender: Sender | None = None) -> Case:
    return Case(
        message_id="m",
        sent_at_us=NOW,
        sender=sender or Sender(id="biz"),
        recipient_id="u",
        message=message or Message(type="text", body="Hello"),
    )


def vector_of(given_case: Case, folded: bool = True) -> dict[str, float]:
    withheld = given_case.message.text_withheld
    prepared = prepare(given_case, None if withheld else TEXT.evidence(given_case.message.text), NOW)
    row = unpack(pack(MESSAGE, NOW, NOW, "biz", "u", campaigns=prepared.campaigns))
    return dict(zip(NAMES, vector(prepared, FoldState().read(row) if folded else None).tolist(), strict=True))


def test_the_catalogue_declares_each_feature_once_and_completely() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert GROUPS == (
        "verification",
        "structure",
        "content",
        "links",
        "relationship",
        "history",
        "recipient",
        "campaign",
    )
    for feature in CATALOGUE:
        assert feature.monotone in (-1, 0, 1)
        assert len(feature.meaning) > 8
        assert feature.unit
    assert sorted(position for group in GROUPS for position in columns_of(group)) == list(range(len(NAMES)))
    assert len(catalogue_hash()) == 64


@given(
    st.text(max_size=400), st.lists(st.text(max_size=60), max_size=4), st.sampled_from(["text", "template", "novel"])
)
def test_any_message_has_a_vector_of_the_catalogues_length(body: str, links: list[str], kind: str) -> None:
    message = Message(
        type=kind,
        body=body,
        links=tuple(links),
        buttons=(Button("URL", body[:10], body),),
        media=(Media("image", body),),
        template=TemplateRef(category="UTILITY"),
    )
    values = vector_of(case(message, Sender(id="biz", display_name=body or None, website=body or None)))
    assert len(values) == len(CATALOGUE)
    assert not any(math.isinf(value) for value in values.values())


def test_what_is_missing_is_what_the_catalogue_says() -> None:
    withheld = vector_of(case(Message(type="text", text_withheld=True)))
    without_history = vector_of(case(), folded=False)
    for name, values in (("content", withheld), ("history", without_history), ("campaign", without_history)):
        for position in columns_of(name):
            np.testing.assert_equal(values[NAMES[position]], MISSING[position])
    assert vector_of(case())["history_missing"] == 0
    assert vector_of(case())["content_missing"] == 0


@pytest.mark.parametrize("field", ["verification_status", "verified_at_us", "account_size", "created_at_us", "website"])
def test_withholding_a_profiles_field_never_looks_better(field: str) -> None:
    known = {
        "verification_status": VerificationStatus.VERIFIED,
        "verified_at_us": NOW - 10**13,
        "account_size": "medium",
        "created_at_us": NOW - 2 * 10**13,
        "website": "https://example.com",
    }
    whole = vector_of(case(sender=Sender(id="biz", **known)))
    less = vector_of(case(sender=Sender(id="biz", **{**known, field: None})))
    for feature in CATALOGUE[:N_OWN]:
        if feature.group == "verification" and feature.monotone:
            assert feature.monotone * (less[feature.name] - whole[feature.name]) >= 0, feature.name


@pytest.mark.parametrize(
    ("link", "host", "has_credentials"),
    [
        ("https://www.DHL.de/paket?x=1", "www.dhl.de", False),
        ("https://dhl.de@evil.top/x", "evil.top", True),
        ("bit.ly/abc", "bit.ly", False),
        ("http://[2001:db8::1]:80/x", "2001:db8::1", False),
        ("http://1.2.3.4:8080/", "1.2.3.4", False),
        ("", "", False),
        ("://", "", False),
        ("https:\\\\evil.top\\x", "https", False),
    ],
)
def test_the_host_of_a_link(link: str, host: str, has_credentials: bool) -> None:
    assert host_of(link)[:2] == (host, has_credentials)


def test_what_a_host_says() -> None:
    assert read_host("paket.dhl.de").imitates == ""
    assert read_host("paket.dhl.de").domain == "dhl.de"
    assert read_host("dhl-zoll.top").imitates == "dhl"
    assert read_host("dhl.de.track-info.xyz").imitates == "dhl"
    assert read_host("paypa1-login.com").imitates == "paypal"
    assert read_host("correios-entrega.top").imitates == "correos"
    # Words of their own that miss a name by a letter.
    assert read_host("el-correo-de-fanom.es").imitates == ""
    assert read_host("schmidt-finance.de").imitates == ""
    assert read_host("1.2.3.4").is_ip
    assert read_host("3232235777").is_ip
    assert read_host("bit.ly").is_shortener
    assert read_host("xn--pypal-4ve.com").is_punycode
    assert read_host("shop.example.co.uk").domain == "example.co.uk"


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("DHL Paketservice", "dhl"), ("PayPal", "paypal"), ("PayPa1 Support", "paypal"), ("Wells Fargo", "wellsfargo"),
        ("Blumen Hartmann", ""), ("Purchase", ""), ("", ""), ("Lufthnasa", "lufthansa"),
    ],
)  # fmt: skip
def test_the_brand_that_a_name_claims(text: str, brand: str) -> None:
    assert brand_claimed(text) == brand


@given(st.text(max_size=80))
def test_no_word_is_too_odd_to_look_for_a_brand_in(word: str) -> None:
    assert isinstance(brand_in(word), str)


def keys(text: str) -> tuple[int, ...]:
    return campaign_keys(Message(type="text", body=text), normalise(text).codes, "biz")


def test_messages_that_differ_in_codes_and_names_share_a_campaign() -> None:
    one = "Dear Anna, your parcel 4711 is held at customs. Pay the fee of 2.99 today or it goes back to the sender."
    two = "Dear Peter, your parcel 98213 is held at customs. Pay the fee of 3.49 today or it goes back to the sender."
    other = "Our autumn sale has begun: come in and see the new jackets, boots and scarves for the whole family."
    assert set(keys(one)[:3]) & set(keys(two)[:3])
    assert not set(keys(one)[:3]) & set(keys(other)[:3])
    assert keys("") == NO_CAMPAIGNS


def test_text_withheld_has_no_campaign_and_no_probability() -> None:
    prepared = prepare(case(Message(type="text", text_withheld=True)), None, NOW)
    assert prepared.campaigns == NO_CAMPAIGNS
    assert prepared.promotional == 0.0
    assert len(prepared.own) == N_OWN
    assert POSITION["content_missing"] < N_OWN
