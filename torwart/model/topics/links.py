"""Where the links lead."""

from typing import Final

from torwart.model.topics.topic import Facts, Told, Topic, listed

_ODDITIES: Final = {
    "link_ip_host": "a bare address instead of a name",
    "link_punycode": "letters that look like others",
    "link_cheap_suffix": "an ending that abuse prefers",
    "link_credentials": "a false name before an @",
}


def _has_none(facts: Facts) -> bool:
    return facts["link_count"] == 0.0


def _form(facts: Facts, raises: bool) -> Told | None:
    if _has_none(facts):
        return None if raises else Told("no_links", "The message has no links")
    like = "unwanted" if raises else "wanted"
    return Told("link_form", f"Number, length and hosts of the links are like those of {like} messages")


def _home(facts: Facts, raises: bool) -> Told | None:
    if facts["link_foreign"] != 1.0:
        return None if raises else Told("link_to_own_website", "A link leads to the sender's own website")
    if not raises:
        return None
    if facts["has_website"] != 1.0:
        return Told("link_elsewhere", "The message has links, and the sender names no website that they could lead to")
    return Told("link_elsewhere", "No link leads to the sender's own website")


def _names(facts: Facts, raises: bool) -> Told | None:
    if not raises:
        return None
    if facts["link_imitates_brand"] == 1.0:
        return Told("link_imitates_brand", "A link looks like it belongs to a well-known business, and does not")
    if facts["link_imitates_sender"] == 1.0:
        return Told("link_imitates_sender", "A link wears the sender's name, but does not lead to its website")
    if facts["link_wears_name"] == 1.0:
        return Told("link_wears_name", "A link wears a name from the message, with more around it, as imitations do")
    return None


def _shortener(facts: Facts, raises: bool) -> Told | None:
    if not raises or facts["link_shortener"] != 1.0:
        return None
    return Told("link_shortened", "A link is shortened, which hides where it leads")


def _oddities(facts: Facts, raises: bool) -> Told | None:
    found = [words for name, words in _ODDITIES.items() if facts[name] == 1.0]
    return Told("link_suspicious", f"A link has {listed(found)}") if raises and found else None


TOPICS: Final = (
    Topic(
        "links",
        ("link_count", "link_domains", "link_depth", "link_hyphens", "link_digits", "link_path_length"),
        _form,
    ),
    Topic("link_home", ("link_foreign",), _home, "links", _has_none),
    Topic("link_names", ("link_imitates_brand", "link_imitates_sender", "link_wears_name"), _names, "links", _has_none),
    Topic("link_shortener", ("link_shortener",), _shortener, "links", _has_none),
    Topic("link_oddities", tuple(_ODDITIES), _oddities, "links", _has_none),
)
