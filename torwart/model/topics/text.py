"""What is written, how, and what the message is made of."""

from typing import Final

from torwart.features.structure import CATEGORIES
from torwart.model.topics.topic import Facts, Told, Topic, counted

_KINDS: Final = {
    "fraud": ("text_looks_fraudulent", "reads like fraud"),
    "spam": ("text_looks_like_spam", "reads like spam"),
    "promo": ("text_looks_promotional", "reads like advertising"),
}
_FAR_WORSE: Final = 2.0
"""Log-odds by which a part must look worse than the whole to be the part that is talked about."""

_MISMATCH: Final = 0.5
_CATEGORY_NAMES: Final = {number: name for name, number in CATEGORIES.items()}


def _is_withheld(facts: Facts) -> bool:
    return facts["content_missing"] == 1.0


def _content(facts: Facts, raises: bool) -> Told | None:
    if _is_withheld(facts):
        return Told("text_withheld", "The text of the message is not visible, so only everything else was judged")
    whole = {kind: facts[f"whole_{kind}"] for kind in _KINDS}
    worst = {kind: max(whole[kind], facts[f"worst_{kind}"]) for kind in _KINDS}
    likeliest = max(worst, key=worst.__getitem__)
    if raises and worst[likeliest] > 0.0:
        code, looks = _KINDS[likeliest]
        is_part = worst[likeliest] - whole[likeliest] > _FAR_WORSE
        return Told(code, f"{'A part of the text' if is_part else 'The text'} {looks}")
    if not raises and worst[likeliest] < 0.0:
        return Told("text_looks_ordinary", "The text reads like an ordinary message of a business")
    return None


def _obfuscation(facts: Facts, raises: bool) -> Told | None:
    undone = facts.count("undone")
    if not raises or not undone:
        return None
    characters = counted(undone, "character")
    return Told("text_obfuscated", f"{characters} had to be undone to read the text: look-alike or hidden letters")


def _mismatch(facts: Facts, raises: bool) -> Told | None:
    if not raises or not facts["category_mismatch"] > _MISMATCH:
        return None
    category = _CATEGORY_NAMES.get(int(facts["category"]), "")
    return Told("category_mismatch", f"The sender filed the message as {category}, but it reads like advertising")


def _style(_: Facts, raises: bool) -> Told:
    like = "unwanted" if raises else "wanted"
    return Told("text_style", f"Length, capitals, digits and signs of the text are like those of {like} messages")


def _form(_: Facts, raises: bool) -> Told:
    like = "unwanted" if raises else "wanted"
    return Told("message_form", f"Type, category, buttons and media of the message are like those of {like} ones")


TOPICS: Final = (
    Topic(
        "content",
        (
            "content_missing", "whole_promo", "whole_spam", "whole_fraud", "worst_promo", "worst_spam", "worst_fraud",
        ),
        _content,
    ),
    Topic("obfuscation", ("undone_share", "undone"), _obfuscation, "content", _is_withheld),
    Topic("mismatch", ("category_mismatch",), _mismatch, "content", _is_withheld),
    Topic(
        "style",
        ("length", "lines", "capitals", "digits", "emoji", "exclamations", "currency"),
        _style,
        "content",
        _is_withheld,
    ),
    Topic(
        "form",
        ("type", "category", "buttons", "url_buttons", "phone_buttons", "media", "has_header", "has_footer"),
        _form,
    ),
)  # fmt: skip
