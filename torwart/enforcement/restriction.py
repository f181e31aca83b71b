"""A provisional restriction of a sender: what it takes and when it ends. Pure: (standing, event) in, (standing,
restriction) out.

It takes messages that may well be fraud: several of them, and a real share of the sender's recent ones, by its lower
bound. While it lasts, what is fraud as far as the model can tell is not even slowed down but refused, unless the
messenger recorded the recipient's consent or the recipient wrote first. Everything else goes on as before; so an honest
sender that is restricted by mistake, or whose account is in other hands, still reaches people with what is in order.

Advertising that nobody asked for restricts nobody, and none of it is refused for it: to people who agreed it looks the
same (docs/decisions/policy.md).

What people say of a sender is weighed by :func:`is_believed`: of those whom it wrote to, and never more at once than
chance would bring, so that people who agree to press a button together are not believed.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from torwart.beta import lower_bound

_HOUR_US: Final = 3_600_000_000

HALF_LIFE_US: Final = 24 * _HOUR_US
"""In this time a message counts half."""

DOUBTFUL_FROM: Final = 0.25
"""P(fraud) from which a message is doubtful: for one message too little to slow it down, for several of one sender too
much to go on as before. Without people's reports, on which a restriction must not rest."""

LEAST_DOUBTFUL: Final = 3.0
"""Doubtful messages below which nothing happens, however few others there are."""

DOUBTFUL_SHARE: Final = 0.15
"""The share of doubtful messages that the lower bound must exceed."""

DOUBTFUL_PRIOR: Final = (0.5, 4.5)
"""Doubtful and other messages of a sender that nobody has seen."""

REFUSED_FROM: Final = 0.96
"""P(fraud) from which a restricted sender's messages are refused, without people's reports."""

LASTS_US: Final = 24 * _HOUR_US
"""How long a restriction lasts; if its cause lasts longer, the next message begins another."""

BURST_US: Final = 6 * _HOUR_US
BURST_LEAST: Final = 3
BURST_SHARE: Final = 0.02
"""Of the people who press a button within so short a time so many are believed, or such a share of those whom the
sender wrote to in seven days, if that is more; the others are put aside, and neither counted nor shown to the model. A
quality rating of RED takes a higher share (``quality.py``), so that one burst alone never leads there."""


class Standing(NamedTuple):
    """What is remembered of one sender: decaying sums of messages, and its restriction. Times in µs since 1970."""

    at_us: int = 0
    messages: float = 0.0
    doubtful: float = 0.0
    until_us: int = 0


class Judged(NamedTuple):
    """The model judged a message: P(fraud), as if nobody had reported or blocked the sender."""

    at_us: int
    fraud: float


class Lifted(NamedTuple):
    """A person looked, and ended the restriction."""

    at_us: int


class Restriction(NamedTuple):
    """A restriction that begins."""

    cause: str
    start_us: int
    end_us: int


def advance(standing: Standing, event: Judged | Lifted) -> tuple[Standing, Restriction | None]:
    """What is remembered after ``event``, and the restriction that begins with it, if one does."""
    if isinstance(event, Lifted):
        return Standing(at_us=event.at_us), None
    kept = 0.5 ** (max(0, event.at_us - standing.at_us) / HALF_LIFE_US)
    messages = standing.messages * kept + 1.0
    doubtful = standing.doubtful * kept + (event.fraud >= DOUBTFUL_FROM)
    standing = Standing(max(event.at_us, standing.at_us), messages, doubtful, standing.until_us)
    is_due = doubtful >= LEAST_DOUBTFUL and lower_bound(doubtful, messages, *DOUBTFUL_PRIOR) > DOUBTFUL_SHARE
    if is_restricted(standing, event.at_us) or not is_due:
        return standing, None
    cause = f"About {doubtful:.0f} of the last {messages:.0f} messages may well be fraud"
    begun = Restriction(cause, event.at_us, event.at_us + LASTS_US)
    return standing._replace(until_us=begun.end_us), begun


def is_restricted(standing: Standing, now_us: int) -> bool:
    """Whether a restriction is in force."""
    return now_us < standing.until_us


def is_believed(earlier: Sequence[int], at_us: int, recipients: int) -> bool:
    """Whether one more press of a button counts, at ``at_us``.

    ``earlier`` are the times (µs, ascending) of the presses that counted, each by another person whom the sender had
    written to; ``recipients`` is how many people it wrote to in seven days.
    """
    most = max(BURST_LEAST, int(BURST_SHARE * recipients))
    return len(earlier) < most or at_us - earlier[-most] > BURST_US
