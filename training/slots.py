"""Typed slots of message templates: what may stand in braces, and realistic values for it in each language."""

import datetime
from collections.abc import Callable
from functools import cache

import numpy as np

from training import links
from training.chance import Chance
from training.words import Words

_FIRST_DAY = datetime.date(2024, 1, 1).toordinal()
_LAST_DAY = datetime.date(2028, 12, 31).toordinal()

AT_STOP = "|"
"""Behind a slot's name: the value as it stands before a full stop, which one that ends with its own has already."""


class Draw(dict[str, str]):
    """One message's values by slot: each is drawn when first read and then stays; formats are chosen once.

    ``hostile`` says whether links lead away from the brand (spam, fraud) or to ``domain``, its own. Raises KeyError
    where there is no such slot.
    """

    __slots__ = ("brand", "chance", "domain", "hostile", "money", "words")

    def __init__(self, rng: np.random.Generator, words: Words, brand: str, domain: str, hostile: bool) -> None:
        self.chance = Chance(rng)
        self.words = words
        self.brand = brand
        self.domain = domain
        self.hostile = hostile
        self.money = self.chance.choose(words.money)

    def __missing__(self, slot: str) -> str:
        if slot[-1] == AT_STOP:
            return self[slot[:-1]].removesuffix(".")
        names, produce = _PRODUCERS[slot]
        self.update(zip(names, produce(self), strict=True))
        return self[slot]

    def with_scheme(self) -> str:
        """The link, from now on with a scheme wherever it stands: a button's address needs one."""
        link = self["link"]
        if "://" not in link:
            self["link"] = link = f"https://{link}"
        return link


Values = tuple[str, ...]
_Producer = Callable[[Draw], Values]


def _pick(field: str) -> _Producer:
    def produce(draw: Draw) -> Values:
        return (draw.chance.choose(getattr(draw.words, field)),)

    return produce


def _pattern(field: str) -> _Producer:
    def produce(draw: Draw) -> Values:
        return (draw.chance.pattern(getattr(draw.words, field)),)

    return produce


def _digits(*patterns: str) -> _Producer:
    def produce(draw: Draw) -> Values:
        return (draw.chance.pattern(patterns),)

    return produce


def _number(low: int, high: int, step: int = 1) -> _Producer:
    def produce(draw: Draw) -> Values:
        return (str(step * draw.chance.between(low // step, high // step)),)

    return produce


def _money(draw: Draw, value: float, cents: bool) -> str:
    words = draw.words
    digits = words.decimals if cents else 0
    number = f"{value:_.{digits}f}".replace(".", words.decimal).replace("_", words.thousands)
    return draw.money.format(n=number)


def _amounts(draw: Draw) -> Values:
    first = draw.words.scale * 5 * 180 ** draw.chance.uniform()
    second = first * (1.1 + 5 * draw.chance.uniform())
    cents = draw.chance.uniform() < 0.7
    if not cents:
        first, second = _rounded(first, 2), _rounded(second, 2)
    return _money(draw, first, cents), _money(draw, second, cents)


def _rounded(value: float, significant: int) -> float:
    return float(f"{value:.{significant}g}")


def _fee(draw: Draw) -> Values:
    return (_money(draw, draw.words.scale * (0.5 + 4.5 * draw.chance.uniform()), True),)


def _sum(draw: Draw) -> Values:
    value = _rounded(draw.words.scale * 1000 * 90 ** draw.chance.uniform(), 2)
    return (_money(draw, value, draw.chance.uniform() < 0.3),)


def _points(draw: Draw) -> Values:
    value = draw.chance.between(10, 2000) * 10
    return (f"{value:_}".replace("_", draw.words.thousands) if draw.chance.uniform() < 0.5 else str(value),)


def _dates(draw: Draw) -> Values:
    day = draw.chance.between(_FIRST_DAY, _LAST_DAY)
    later = day + draw.chance.between(1, 14)
    pattern = draw.chance.choose(draw.words.dates)
    return _date(draw.words, pattern, day), _date(draw.words, pattern, later)


def _date(words: Words, pattern: str, ordinal: int) -> str:
    numbers = _calendar(ordinal)
    if "{mon" in pattern:
        month = words.months[int(numbers["m"]) - 1]
        pattern = pattern.replace("{month}", month).replace("{mon}", month[:3])
    return pattern.format_map(numbers)


@cache
def _calendar(ordinal: int) -> dict[str, str]:
    day = datetime.date.fromordinal(ordinal)
    return {
        "d": str(day.day),
        "dd": f"{day.day:02}",
        "m": str(day.month),
        "mm": f"{day.month:02}",
        "yy": f"{day.year % 100:02}",
        "yyyy": str(day.year),
    }


def _times(draw: Draw) -> Values:
    minute = draw.chance.between(7 * 60, 20 * 60 + 30)
    later = minute + draw.chance.between(15, 180)
    pattern = draw.chance.choose(draw.words.times)
    return _time(pattern, minute), _time(pattern, later)


@cache
def _time(pattern: str, minute_of_day: int) -> str:
    hour, minute = divmod(minute_of_day, 60)
    half = "am" if hour < 12 else "pm"
    return pattern.format(
        H=hour, HH=f"{hour:02}", h=(hour - 1) % 12 + 1, MM=f"{minute:02}", ampm=half, AMPM=half.upper()
    )


def _hours_of_day(draw: Draw) -> Values:
    hour = draw.chance.between(8, 18)
    return str(hour), str(hour + draw.chance.between(1, 4))


def _numbers(draw: Draw) -> Values:
    first = draw.chance.between(2, 60)
    second = draw.chance.between(2, 59)
    return str(first), str(second if second < first else second + 1)


def _percent(draw: Draw) -> Values:
    step = 5 if draw.chance.uniform() < 0.7 else 1
    return (str(step * draw.chance.between(5 // step, 80 // step)),)


def _full_name(draw: Draw) -> Values:
    words = draw.words
    return (
        words.full_name.format(
            first=draw.chance.choose(words.first_names), family=draw.chance.choose(words.family_names)
        ),
    )


def _doctor(draw: Draw) -> Values:
    words = draw.words
    return (
        words.doctor.format(first=draw.chance.choose(words.first_names), family=draw.chance.choose(words.family_names)),
    )


def _street(draw: Draw) -> Values:
    return (
        draw.words.street.format(street=draw.chance.choose(draw.words.streets), number=draw.chance.between(1, 180)),
    )


def _two_cities(draw: Draw) -> Values:
    cities = draw.words.cities
    place = draw.chance.between(0, len(cities) - 1)
    other = (place + draw.chance.between(1, len(cities) - 1)) % len(cities)
    return cities[place], cities[other]


def _people(draw: Draw) -> Values:
    names = draw.words.first_names
    place = draw.chance.between(0, len(names) - 1)
    other = (place + draw.chance.between(1, len(names) - 1)) % len(names)
    return names[place], names[other]


def _ip(draw: Draw) -> Values:
    return (".".join(str(draw.chance.between(2, 250)) for _ in range(4)),)


def _brand(draw: Draw) -> Values:
    return (draw.brand,)


def _address(draw: Draw) -> Values:
    if not draw.hostile:
        return links.own(draw.chance, draw.words, draw.domain)
    if draw.domain:
        return links.lookalike(draw.chance, draw.words, draw.domain)
    return links.throwaway(draw.chance, draw.words)


_DECLARED: tuple[tuple[tuple[str, ...], _Producer], ...] = (
    (("name", "person"), _people),
    (("full_name",), _full_name),
    (("honorific",), _pick("honorifics")),
    (("doctor",), _doctor),
    (("brand",), _brand),
    (("link", "domain"), _address),
    (("shop",), _pick("shops")),
    (("amount", "amount2"), _amounts),
    (("fee",), _fee),
    (("sum",), _sum),
    (("date", "date2"), _dates),
    (("weekday",), _pick("weekdays")),
    (("month",), _pick("months")),
    (("year",), _number(2024, 2028)),
    (("time", "time2"), _times),
    (("hour", "hour2"), _hours_of_day),
    (("minutes",), _number(5, 45, 5)),
    (("hours",), _number(2, 48, 2)),
    (("days",), _number(2, 14)),
    (("number", "number2"), _numbers),
    (("percent",), _percent),
    (("gb",), _number(1, 60)),
    (("kwh",), _number(20, 900)),
    (("points",), _points),
    (("code",), _pattern("codes")),
    (("pin",), _digits("####")),
    (("tracking",), _pattern("tracking")),
    (("order",), _pattern("orders")),
    (("invoice",), _pattern("invoices")),
    (("customer",), _pattern("customers")),
    (("reference",), _pattern("references")),
    (("ticket",), _pattern("tickets")),
    (("iban",), _pattern("ibans")),
    (("card",), _pattern("cards")),
    (("last4",), _digits("####")),
    (("phone",), _pattern("phones")),
    (("ip",), _ip),
    (("plate",), _pattern("plates")),
    (("coupon",), _pattern("coupons")),
    (("city", "city2"), _two_cities),
    (("street",), _street),
    (("zip",), _pattern("zips")),
    (("country",), _pick("countries")),
    (("flight",), _pattern("flights")),
    (("train",), _pattern("trains")),
    (("gate",), _pattern("gates")),
    (("seat",), _pattern("seats")),
    (("booking",), _pattern("bookings")),
    (("product",), _pick("products")),
    (("device",), _pick("devices")),
    (("dish",), _pick("dishes")),
    (("subject",), _pick("subjects")),
    (("coin",), _pick("coins")),
)

_PRODUCERS = {name: (names, produce) for names, produce in _DECLARED for name in names}

SLOTS: tuple[str, ...] = tuple(_PRODUCERS)
"""Every slot that a template may name; ``data/templates/README.md`` says what each is."""
