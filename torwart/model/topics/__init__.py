"""What a model's answer can be about: every feature belongs to one topic, and a topic speaks for its features."""

from typing import Final

from torwart.model.topics import campaign, history, links, relationship, sender, text
from torwart.model.topics.topic import Facts, Topic

TOPICS: Final[tuple[Topic, ...]] = (
    *sender.TOPICS,
    *text.TOPICS,
    *links.TOPICS,
    *relationship.TOPICS,
    *history.TOPICS,
    *campaign.TOPICS,
)
"""All topics; each feature of the catalogue belongs to exactly one of them."""

__all__ = ["TOPICS", "Facts", "Topic"]
