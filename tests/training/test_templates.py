import random
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from training.families import CATEGORIES, KINDS, NOBODY, PARTS, SLOT, Family, TemplateError
from training.links import OWN_SHORTENERS
from training.slots import SLOTS
from training.templates import DATA, fill, load

LIBRARY = load()
MOST_SHARED = 0.8
"""Templates of two parts share less than this of their words."""

LANGUAGES = sorted({family.language for family in LIBRARY.families})

COMMON_WORDS = {
    "tl": "ang ng mo sa na para ka po hindi ni kung ito ay may",
    "nl": "de het een en je uw is van voor op met te niet dat bij aan naar wij ons om",
    "sv": "och att det är ditt din för på av till med inte har du vi hos dig kl en i",
    "da": "og at er din dit til på af med ikke har du vi hos dig den en i om fra",
    "no": "og at er din deg til på av med ikke har du vi hos den en i om fra ditt",
    "fi": "ja on ei klo ole jos sinun että tai asti niin osta saat koodi maksa soita tilille se tämä hei",
    "cs": "a je na se v pro do kód vás jste prosím u od ke nebo si vám před jsem za",
    "hu": "a az és nem hogy egy meg kód ha van lesz kérjük ez vagy már most csak ne napon is",
    "ro": "de la în și nu un o cu pe din pentru se este ai codul dacă ta sau prin să",
    "de": "und der die das ist sie ihr ihre nicht für mit bitte wir auf von zu dein deine du ein eine im am",
    "en": "the and your you is for to of with please we on from a at has have it this in are",
    "es": "el la los su para con por de en y tu que se una un es ha no más del",
    "pt": "o a os seu sua para com por de em e você que uma um não é foi do da",
    "fr": "le la les votre vous pour avec par de en et est une un ne pas au du sur",
    "it": "il la i per con di e è un una non del della suo tuo si in al ha lo",
    "tr": "ve bir için bu ile size sizin lütfen olan den de da ya hesabınız kadar tl adet",
    "pl": "i w na z do się nie jest dla o twoja twoje prosimy za od po kod zł przez",
    "id": "dan di yang anda untuk dengan ini dari ke kami akan telah tidak bisa sudah ya",
    "vi": "của là không và cho bạn để với được quý khách hàng ngày em anh chị ma cua khong quy khach",
    "ms": "anda dan untuk dengan ini di akan telah tidak sila kod bagi ialah sebelum boleh sah nak",
    "sw": "ya wa na kwa ni yako kwenye hii tuma saa piga wako namba kabla la za ili bila",
    "hr": "je i u na se za do vas vam ste vaš ili ne od iz po nije smo može broj kod karticu posao",
    "sk": "je na sa v pre do kód vás ste prosím od ak alebo nie vám už som pošlite čaká si vaša bude",
    "ca": "el la els i amb per us de et és no que del dels al si teu tens vostre hem heu aquí fins avui",
    "lt": "jūsų ir iki už į su per jei yra prašome kodas gali ne nuo aš bus dar gauti kad tai dėl",
    "af": "die jou is en vir nie met om te van 'n ons het jy by dit ek na op hier word sal my",
    "hi-Latn": "aapka aapki hai ke ka ki mein se ko kare karein liye par nahi na aap",
}
SCRIPTS = {
    "el": r"[α-ωά-ώ]{2}",
    "uk": r"[а-яіїєґ]{2}",
    "bg": r"[а-я]{2}",
    "te": r"[\u0c00-\u0c7f]{2}",
    "gu": r"[\u0a80-\u0aff]{2}",
    "pa": r"[\u0a00-\u0a7f]{2}",
    "am": r"[\u1200-\u137f]{2}",
    "ja": r"[\u3040-\u30ff]{2}",
    "ta": r"[\u0b80-\u0bff]{2}",
    "he": r"[\u0590-\u05ff]{2}",
    "mr": r"[\u0900-\u097f]{2}",
    "ur": r"[\u0600-\u06ff]{2}",
    "fa": r"[\u0600-\u06ff]{2}",
    "bn": r"[\u0980-\u09ff]{2}",
    "ko": r"[\uac00-\ud7a3]{2}",
    "ru": r"[а-яё]{2}",
    "ar": r"[\u0600-\u06ff]{2}",
    "zh": r"[\u4e00-\u9fff]{2}",
    "th": r"[\u0e00-\u0e7f]{2}",
    "hi": r"[\u0900-\u097f]{2}",
}

GREETINGS = {
    "af": "hallo",
    "ar": "السلام مرحبا",
    "cs": "dobrý ahoj",
    "da": "hej",
    "de": "hallo hi hey moin servus sehr guten",
    "el": "γεια",
    "en": "hello hi hey good dear",
    "es": "hola buenos buenas estimado estimada",
    "fa": "سلام",
    "fi": "hei",
    "fr": "bonjour bonsoir salut coucou cher",
    "hi": "नमस्ते सर",
    "hi-Latn": "hi namaste dear",
    "id": "halo hai selamat assalamualaikum",
    "it": "ciao buongiorno salve gentile",
    "ko": "안녕하세요 고객님",
    "ms": "salam",
    "nl": "hallo hoi",
    "no": "hei",
    "pl": "dzień cześć hej",
    "pt": "olá oi bom boa prezado",
    "ro": "bună",
    "ru": "здравствуйте добрый привет",
    "sk": "dobrý ahoj",
    "sv": "hej",
    "sw": "habari",
    "th": "สวัสดี",
    "tl": "hello hi good",
    "tr": "merhaba sayın selam",
    "zh": "您好 你好 亲",
}
"""How many messages begin, by language; it says nothing about the rest."""


def words_of(template: str) -> list[str]:
    return re.findall(r"\w+", SLOT.sub(" ", template).lower())


def skeleton(template: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", template.lower()))


def test_every_template_fills_without_braces_or_blank_values() -> None:
    rng = np.random.default_rng(7)
    for family in LIBRARY.families:
        senders = LIBRARY.senders(family)
        for template in family.templates:
            filled = fill(family, template, senders[int(rng.integers(len(senders)))], rng)
            assert filled.text.strip()
            assert not re.search(r"[{}]", filled.text), filled.text
            assert all(
                link in filled.text or link in {button.url for button in filled.buttons} for link in filled.links
            )
            assert all(button.text and "{" not in button.text for button in filled.buttons)
            assert bool(filled.links) == ("{link}" in template or any(b.url for b in filled.buttons))


def test_the_readme_lists_exactly_the_known_slots() -> None:
    readme = (DATA / "templates" / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## Slots") :]
    assert set(re.findall(r"`\{(\w+)\}`", table)) == set(SLOTS)
    assert all(f"`{kind}`" in readme for kind in KINDS)


def test_families_are_distinct_and_sized() -> None:
    ids = [family.id for family in LIBRARY.families]
    assert len(set(ids)) == len(ids)
    assert all(3 <= len(family.templates) <= 8 for family in LIBRARY.families)
    assert all(family.category in CATEGORIES for family in LIBRARY.families)
    texts = Counter(template for family in LIBRARY.families for template in family.templates)
    assert [text for text, times in texts.items() if times > 1] == []


def test_there_are_many_distinct_templates_in_many_languages() -> None:
    skeletons = {skeleton(template) for family in LIBRARY.families for template in family.templates}
    assert len(skeletons) >= 20_000
    assert set(LANGUAGES) >= set("de en es pt fr it tr pl hi hi-Latn id ru ar zh th".split())


def test_parts_cover_everything_and_share_nothing() -> None:
    parts = {name: LIBRARY.part(name) for name in PARTS}
    assert sorted(f.id for part in parts.values() for f in part.families) == sorted(f.id for f in LIBRARY.families)
    assert sorted(b.name for part in parts.values() for b in part.brands) == sorted(b.name for b in LIBRARY.brands)
    domains = [{brand.domain for brand in part.brands} for part in parts.values()]
    assert not any(left & right for left, right in combinations(domains, 2))
    sizes = {name: len(part.families) for name, part in parts.items()}
    assert sizes["world"] == pytest.approx(sizes["judge"], rel=0.1)
    assert 1.5 < 2 * sizes["text"] / (sizes["world"] + sizes["judge"]) < 3


def test_every_part_has_every_kind_that_has_three_families() -> None:
    strata: dict[tuple[str, str], list[Family]] = defaultdict(list)
    for family in LIBRARY.families:
        strata[family.language, family.kind].append(family)
    for key, families in strata.items():
        if len(families) >= 3:
            assert {family.part for family in families} == set(PARTS), key


def test_every_part_has_senders_of_every_industry() -> None:
    for name in PARTS:
        part = LIBRARY.part(name)
        for family in part.families:
            assert part.senders(family), (name, family.id)
        for language in ("de", "en"):
            served = {brand.industry for brand in part.brands if language in brand.languages}
            assert served >= {brand.industry for brand in LIBRARY.brands}, (name, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_parts_hold_no_near_duplicates_of_one_another(language: str) -> None:
    texts = [(f.part, f.id, skeleton(t)) for f in LIBRARY.families if f.language == language for t in f.templates]
    for place, other in alike([tokens for _, _, tokens in texts], MOST_SHARED):
        (part, family, tokens), (other_part, other_family, _) = texts[place], texts[other]
        assert part == other_part, (family, other_family, tokens)


def alike(sets: Sequence[frozenset[str]], share: float) -> Iterator[tuple[int, int]]:
    """Every pair that shares so much of its union. Two such sets have one of their few rarest words in common (the
    prefix filter of Chaudhuri, Ganti and Kaushik, ICDE 2006), so most pairs need no look."""
    counts = Counter(token for tokens in sets for token in tokens)
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for place, tokens in enumerate(sets):
        rarest = sorted(tokens, key=lambda token: (counts[token], token))
        prefix = rarest[: len(tokens) - ceil(share * len(tokens) - 1e-9) + 1]
        for other in {other for token in prefix for other in seen[token]}:
            if len(tokens & sets[other]) >= share * len(tokens | sets[other]):
                yield other, place
        for token in prefix:
            seen[token].append(place)


def test_alike_finds_what_comparing_every_pair_finds() -> None:
    rng = random.Random(1)
    words = [f"w{number}" for number in range(12)]
    sets = [frozenset(rng.sample(words, rng.randint(1, 8))) for _ in range(300)]
    pairs = {
        (place, other)
        for (place, tokens), (other, others) in combinations(enumerate(sets), 2)
        if len(tokens & others) >= MOST_SHARED * len(tokens | others)
    }
    assert pairs
    assert set(alike(sets, MOST_SHARED)) == pairs


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_in_the_language_of_their_folder(language: str) -> None:
    templates = [t for f in LIBRARY.families if f.language == language for t in f.templates]
    if language in SCRIPTS:
        assert sum(bool(re.search(SCRIPTS[language], t, re.IGNORECASE)) for t in templates) >= 0.95 * len(templates)
        return
    written = Counter(word for template in templates for word in words_of(template))
    hits = {name: sum(written[word] for word in words.split()) for name, words in COMMON_WORDS.items()}
    assert max(hits, key=lambda name: hits[name]) == language, hits


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_two_deepest_languages_are_deep_and_balanced(language: str) -> None:
    counts: Counter[str] = Counter()
    for family in LIBRARY.families:
        if family.language == language:
            counts[family.kind] += len(family.templates)
    classes: Counter[str] = Counter()
    for kind, count in counts.items():
        classes[KINDS[kind]] += count
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 9
    assert sum(counts.values()) >= 400
    assert classes["wanted"] >= 0.4 * sum(classes.values())
    assert classes["fraud"] >= 0.25 * sum(classes.values())


@pytest.mark.parametrize("language", sorted(GREETINGS))
def test_greetings_are_said_by_honest_senders_too(language: str) -> None:
    """Where nearly only fraudsters say hello, a bare hello is fraud to a classifier."""
    for greeting in GREETINGS[language].split():
        opens = re.compile(rf"\W*{greeting}(?![a-zß-ÿа-я])", re.IGNORECASE)
        classes = Counter(
            family.text_class
            for family in LIBRARY.families
            if family.language == language
            for template in family.templates
            if opens.match(template)
        )
        assert classes.total() >= 5, greeting
        assert classes["wanted"] + classes["promo"] >= classes.total() / 3, (greeting, classes)


@pytest.mark.parametrize("language", ["de", "en"])
def test_links_and_money_do_not_tell_wanted_from_fraud(language: str) -> None:
    def share(text_class: str, slot: str) -> float:
        texts = [
            t for f in LIBRARY.families if f.language == language and f.text_class == text_class for t in f.templates
        ]
        return sum(slot in t for t in texts) / len(texts)

    assert share("wanted", "{link}") > 0.2
    assert share("fraud", "{link}") < 0.7
    assert share("wanted", "{amount}") > 0.15


def test_filling_is_decided_by_the_generator_alone() -> None:
    family = next(f for f in LIBRARY.families if f.id == "de-delivery-arrives-today")
    brand = LIBRARY.senders(family)[0]
    first, again, other = (fill(family, family.templates[0], brand, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first.text != other.text


def test_a_date_with_a_stop_of_its_own_brings_no_second_one_to_the_end_of_a_sentence() -> None:
    family = next(f for f in LIBRARY.families if f.id == "de-delivery-arrives-today")
    brand, rng = LIBRARY.senders(family)[0], np.random.default_rng(1)
    ends = [fill(family, "Vom {date} bis {date}. Danke", brand, rng).text for _ in range(100)]
    assert not any(".. " in text for text in ends)
    own = [text for text in ends if re.search(r"\. bis", text)]
    assert 0 < len(own) < 100
    assert all(text.partition(" bis ")[0].removeprefix("Vom ") + " Danke" in text for text in own)


def test_loading_twice_gives_the_same() -> None:
    assert load() == LIBRARY


def test_wanted_links_are_the_brands_own_and_fraud_links_are_not() -> None:
    rng = np.random.default_rng(3)
    for family in LIBRARY.families:
        for brand in LIBRARY.senders(family)[:4]:
            for link in fill(family, family.templates[0], brand, rng).links:
                host = re.sub(r"^\w+://", "", link).split("/")[0].split("?")[0]
                real = bool(brand.domain) and (host == brand.domain or host.endswith(f".{brand.domain}"))
                short = bool(brand.domain) and host[0] == brand.domain[0] and len(host.partition(".")[0]) <= 5
                if family.text_class in ("spam", "fraud"):
                    assert not real, (family.id, link)
                else:
                    assert real or short or host in OWN_SHORTENERS, (family.id, link)


def test_a_brand_of_another_industry_cannot_send_a_family() -> None:
    family = next(f for f in LIBRARY.families if f.id == "de-delivery-arrives-today")
    with pytest.raises(ValueError, match="is not sent by 'none', only by parcel"):
        fill(family, family.templates[0], NOBODY, np.random.default_rng(0))


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="the parts are text, world, judge"):
        LIBRARY.part("training")


GOOD = {
    "id": '"de-loan-x"',
    "class": '"spam"',
    "kind": '"loan"',
    "category": '""',
    "industry": '["none"]',
    "templates": '["Geld {amount}"]',
}


def folder_with(tmp_path: Path, *families: dict[str, str], brands: str | None = None) -> Path:
    shutil.copytree(DATA / "slots", tmp_path / "slots")
    (tmp_path / "templates" / "de").mkdir(parents=True)
    text = "\n".join("[[family]]\n" + "\n".join(f"{key} = {value}" for key, value in f.items()) for f in families)
    (tmp_path / "templates" / "de" / "loan.toml").write_text(text, encoding="utf-8")
    (tmp_path / "brands.toml").write_text(
        (DATA / "brands.toml").read_text(encoding="utf-8") if brands is None else brands, encoding="utf-8"
    )
    return tmp_path


def test_a_correct_folder_loads(tmp_path: Path) -> None:
    library = load(folder_with(tmp_path, GOOD))
    assert [family.id for family in library.families] == ["de-loan-x"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"templates": '["Geld {amonut}"]'}, r"de/loan.toml.*\(de-loan-x\): unknown slot \{amonut\}.*known are amount"),
        ({"templates": '["Geld {amount"]'}, r"de-loan-x.*a single brace"),
        ({"templates": "[]"}, r"de-loan-x.*at least one text"),
        ({"templates": '[" "]'}, r"de-loan-x.*none may be empty"),
        ({"templates": '["{brand} Geld"]'}, r"de-loan-x.*\{brand\}.*needs a brand"),
        ({"class": '"fraud"'}, r"de-loan-x.*class 'fraud' must be 'spam' for kind 'loan'"),
        ({"kind": '"credit"'}, r"de-loan-x.*kind 'credit' must be the file's name and one of authentication"),
        ({"category": '"PROMO"'}, r"de-loan-x.*category 'PROMO' must be one of"),
        ({"industry": '["banks"]'}, r"de-loan-x.*industry \['banks'\] must be"),
        ({"id": '"loan-x"'}, r"loan-x.*must start with 'de-'"),
        ({"buttons": '["Los"]'}, r"de-loan-x.*button 'Los' must be a label, a bar and one of url"),
        ({"colour": '"red"'}, r"de/loan.toml, family 1: .*colour"),
    ],
)
def test_a_wrong_family_is_refused_with_a_sentence(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(TemplateError, match=sentence):
        load(folder_with(tmp_path, {**GOOD, **change}))


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="'de-loan-x' is there twice"):
        load(folder_with(tmp_path, GOOD, GOOD))


@pytest.mark.parametrize(
    ("brand", "sentence"),
    [
        (
            'name = "X"\ndomain = "x.de"\nindustry = "mill"\nlanguages = ["de"]\npart = "text"',
            "industry 'mill' must be",
        ),
        ('name = "X"\ndomain = "x.de"\nindustry = "bank"\nlanguages = ["de"]\npart = "train"', "part 'train' must be"),
        ('name = "X"\ndomain = "x"\nindustry = "bank"\nlanguages = ["de"]\npart = "text"', "must be a host name"),
        ('name = "X"\nindustry = "bank"\nlanguages = ["de"]\npart = "text"', "brand 1: .*domain"),
    ],
)
def test_a_wrong_brand_is_refused_with_a_sentence(tmp_path: Path, brand: str, sentence: str) -> None:
    with pytest.raises(TemplateError, match=sentence):
        load(folder_with(tmp_path, GOOD, brands=f"[[brand]]\n{brand}\n"))


def test_appending_a_family_moves_no_other(tmp_path: Path) -> None:
    five = [{**GOOD, "id": f'"de-loan-{n}"'} for n in range(5)]
    before = {f.id: f.part for f in load(folder_with(tmp_path / "a", *five[:4])).families}
    after = {f.id: f.part for f in load(folder_with(tmp_path / "b", *five)).families}
    assert before.items() <= after.items()
