"""The catalogue of features in words: one text for the command line and for the documentation."""

from typing import Any, Final

import msgspec

from torwart.features.catalogue import CATALOGUE, GROUPS, catalogue_hash
from torwart.features.feature import Feature

DIRECTIONS: Final = {1: "never lowers the score", -1: "never raises the score", 0: "either way"}
"""What a larger value may do to the score, by the direction a feature is constrained to."""

GROUP_MEANINGS: Final = {
    "verification": "who the sender is, as far as the messenger knows",
    "structure": "how the message is built",
    "content": "what the text classifier makes of the text",
    "links": "where the links lead",
    "relationship": "what has passed between this sender and this recipient in the last 60 days, and consent",
    "history": "what the sender has done, and how people answered",
    "recipient": "what has come to this recipient of late, from all senders",
    "campaign": "what is known of messages like this one, whoever sends them, and of the sender's template",
}

HEAD: Final = """# The features
Every number that the model sees, in the order of the vector: `torwart features --describe` prints this page.

In brackets: the unit; the window, if there is one; what a larger value may do to the score (the trees are constrained
to it); what stands there when the signal is not known. A window reaches back between (window − bucket) and the window,
with buckets of 10 minutes (1h), an hour (24h) and a day (7d, 30d); "decay" forgets exponentially with that time
constant. *To game it* says what a sender would have to do to look better than it is without behaving better.
"""


def described() -> dict[str, Any]:
    """The catalogue as plain values, for JSON; what is missing as NaN is null there."""
    features = [msgspec.to_builtins(feature) | {"missing": _number(feature)} for feature in CATALOGUE]
    return {"catalogue_hash": catalogue_hash(), "features": features}


def page() -> str:
    """The catalogue as Markdown, which a terminal shows as well: ``docs/features.md``."""
    lines = [HEAD]
    for group in GROUPS:
        lines += [f"## {group.capitalize()}: {GROUP_MEANINGS[group]}", ""]
        lines += [_entry(feature) for feature in CATALOGUE if feature.group == group]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _entry(feature: Feature) -> str:
    number = _number(feature)
    missing = "missing: NaN" if number is None else f"missing: {number:g}"
    facts = [feature.unit, feature.window, DIRECTIONS[feature.monotone], missing]
    return (
        f"- **`{feature.name}`** ({', '.join(fact for fact in facts if fact)}): {feature.meaning}. "
        f"*To game it:* {feature.gaming}."
    )


def _number(feature: Feature) -> float | None:
    return None if feature.missing != feature.missing else feature.missing
