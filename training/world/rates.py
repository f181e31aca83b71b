"""The world's numbers: reading and checking ``rates.toml``."""

import tomllib
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
from msgspec import Struct

RATES: Final = Path(__file__).with_name("rates.toml")
"""The shipped numbers."""

STRATEGY_FACTOR: Final = 3.0
"""How much commoner or rarer than said a strategy may be where rates are drawn."""


class RatesError(ValueError):
    """A file of rates that cannot be used, with the sentence why."""


class Range(Struct, frozen=True, forbid_unknown_fields=True):
    """A number with the range it may have and who says so."""

    value: float
    low: float
    high: float
    source: str


class Language(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many speak it and when it is day there."""

    share: float
    utc_offset_h: float


class Delivery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon a message reaches the telephone; what is neither prompt nor late never does."""

    prompt: float
    late: float
    prompt_median_s: float
    late_median_h: float


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether and when a message is read."""

    read: float
    receipts: float
    median_min: float
    sigma: float


class Reports(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report button."""

    utility: float
    marketing: float
    unsolicited: float
    spam: float
    fraud: float
    never: float
    sigma: float
    delay_median_h: float
    delay_sigma: float
    also_block: float
    unknown_message: float
    false_reporters: float
    false_reporter_factor: float


class Blocks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The block button."""

    per_report: float
    undone: float
    undone_median_d: float


class Preferences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stopping a sender's marketing."""

    stop: float
    resume: float
    resume_median_d: float


class Industry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of business, see the comment in the file."""

    senders_per_1000: float
    relations: float
    local: float
    medium: float
    official: float
    verified: float
    kinds: dict[str, float]
    chats: float
    hours: str
    campaigns_per_month: float = 0.0
    campaign: str = "promotion"
    reach: float = 0.0
    consent: float = 0.0
    bursts_per_month: float = 0.0
    burst_factor: float = 1.0
    season: tuple[float, ...] = (1.0,) * 12


class Business(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What honest businesses have in common."""

    weekend: float
    growth: float
    newcomers: float
    applies: float
    verification_median_d: float
    refused: float
    no_website: float
    profile_gaps: float
    careless: float
    deaf: float
    cold_callers: float
    cold_calls: float
    cold_days: float
    licensed: float
    namesakes: float
    unfiled: float
    refiled: float
    messenger_consent: float
    claimed_consent: float
    last_message_known: float
    patience: int


class Pace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long many messages of one kind take to go out, from sender to sender."""

    campaign_median_min: float
    blast_median_min: float
    sigma: float


class Reaction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a spammer does about refusals, where it is told of them."""

    script_refusals: int
    account_refusals: int
    accounts_a_day: int
    tries_again: float
    disguises: float


class Spam(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many spammers there are and what they do."""

    senders: float
    messages: float
    never_reported: float
    reports_not_upheld: float
    accounts_per_operator: float
    active_days: float
    fraud: float
    foreign: float
    claims_consent: float
    website: float
    verified: float
    pending: float
    aged: float
    aged_median_d: float
    obfuscates: float
    follow_up: float
    hijacks_a_year: float
    strategies: dict[str, float]
    reaction: Reaction


class Brigade(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """False reports against a competitor."""

    per_1000_senders_month: float
    members: float
    hours: float
    knows_message: float
    blocks: float


class Moderation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who says later what a message truly was."""

    looks_at: float
    delay_median_h: float
    delay_sigma: float
    audited: float
    appeals: float


class Rates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All the numbers of a world."""

    start: date
    languages: dict[str, Language]
    delivery: Delivery
    reading: Reading
    replies: dict[str, float]
    reports: Reports
    blocks: Blocks
    preferences: Preferences
    industries: dict[str, Industry]
    hours: dict[str, tuple[float, ...]]
    business: Business
    pace: Pace
    spam: Spam
    brigade: Brigade
    moderation: Moderation


def load_rates(path: Path = RATES) -> Rates:
    """Read and check a file of rates; raises :class:`RatesError` naming what is missing, unknown or out of bounds."""
    tree = _read(path)
    try:
        rates = msgspec.convert(_plain(tree), Rates)
    except msgspec.ValidationError as error:
        raise RatesError(f"{path}: {error}.") from error
    for name, range_ in ranges(path).items():
        if not range_.low <= range_.value <= range_.high or not range_.source:
            raise RatesError(f"{path}: {name} is {range_.value}, outside its own range, or has no source.")
    _check(path, rates)
    return rates


def changed(rates: Rates, values: dict[str, float]) -> Rates:
    """``rates`` with other numbers, by dotted name (``reports.spam``); raises :class:`RatesError` for a name that it
    does not have."""
    tree = msgspec.to_builtins(rates)
    for name, value in values.items():
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.get(part, {})
        if not isinstance(node.get(last), int | float):
            raise RatesError(f"There is no number {name!r} among the rates.")
        node[last] = value
    return msgspec.convert(tree, Rates)


def varied(rates: Rates, path: Path, rng: Random) -> Rates:
    """``rates``, which ``path`` holds, with every number that has a range drawn from it, and the weight of each other
    strategy up to :data:`STRATEGY_FACTOR` times larger or smaller."""
    drawn = {name: rng.uniform(range_.low, range_.high) for name, range_ in ranges(path).items()}
    for name, weight in rates.spam.strategies.items():
        drawn.setdefault(f"spam.strategies.{name}", weight * STRATEGY_FACTOR ** rng.uniform(-1.0, 1.0))
    return changed(rates, drawn)


def ranges(path: Path = RATES) -> dict[str, Range]:
    """The numbers that have a range, by dotted name (``reports.spam``)."""
    found: dict[str, Range] = {}

    def walk(node: dict[str, Any], prefix: str) -> None:
        for name, value in node.items():
            if isinstance(value, dict) and "source" in value:
                try:
                    found[prefix + name] = msgspec.convert(value, Range)
                except msgspec.ValidationError as error:
                    raise RatesError(f"{path}: {prefix}{name}: {error}.") from error
            elif isinstance(value, dict):
                walk(value, f"{prefix}{name}.")

    walk(_read(path), "")
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise RatesError(f"There is no file of rates at {path}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RatesError(f"{path} is not TOML: {error}.") from error


def _plain(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    return node.get("value") if "source" in node else {name: _plain(value) for name, value in node.items()}


_FACTORS: Final = frozenset(
    "false_reporter_factor per_report relations senders_per_1000 burst_factor season bursts_per_month "
    "campaigns_per_month cold_calls patience accounts_per_operator per_1000_senders_month hours utc_offset_h sigma "
    "delay_sigma languages strategies script_refusals account_refusals accounts_a_day".split()
)
"""What is not a share: the rest, times aside, lies between 0 and 1."""

_TIMES: Final = ("_s", "_min", "_h", "_d")


def _check(path: Path, rates: Rates) -> None:
    for name, value in _numbers(msgspec.to_builtins(rates), ""):
        last = name.rsplit(".", 1)[-1].split("[")[0]
        is_free = last in _FACTORS or last.endswith(_TIMES) or any(part in name for part in ("hours", "strategies"))
        if value < 0 and last != "utc_offset_h":
            raise RatesError(f"{path}: {name} is {value}; it should not be negative.")
        if value > 1 and not is_free:
            raise RatesError(f"{path}: {name} is {value}; it is a share and should lie between 0 and 1.")
    if not rates.languages or not rates.industries:
        raise RatesError(f"{path} should name at least one language and one industry.")
    if "other" not in rates.replies:
        raise RatesError(f"{path}: replies should say what holds for every other kind, under other.")
    for name, curve in rates.hours.items():
        if len(curve) != 24 or not sum(curve):
            raise RatesError(f"{path}: hours.{name} should have 24 weights, not all of them 0.")
    for name, industry in rates.industries.items():
        if industry.hours not in rates.hours:
            raise RatesError(f"{path}: industries.{name} keeps hours {industry.hours!r}, which [hours] does not have.")
        if len(industry.season) != 12:
            raise RatesError(f"{path}: industries.{name}.season should have 12 numbers, January to December.")
        if industry.official + industry.verified > 1:
            raise RatesError(f"{path}: industries.{name}: official and verified together are more than everybody.")


def _numbers(node: Any, name: str) -> list[tuple[str, float]]:
    if isinstance(node, dict):
        return [pair for key, value in node.items() for pair in _numbers(value, f"{name}.{key}".lstrip("."))]
    if isinstance(node, list | tuple):
        return [pair for place, value in enumerate(node) for pair in _numbers(value, f"{name}[{place}]")]
    return [(name, float(node))] if isinstance(node, int | float) else []
