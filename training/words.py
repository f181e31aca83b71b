"""The words and patterns that slots of message templates take, language by language."""

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words and patterns of one language: ``data/slots/common.toml`` overridden by the language's own file."""

    first_names: tuple[str, ...]
    family_names: tuple[str, ...]
    honorifics: tuple[str, ...]
    full_name: str
    doctor: str
    cities: tuple[str, ...]
    streets: tuple[str, ...]
    street: str
    zips: tuple[str, ...]
    countries: tuple[str, ...]
    shops: tuple[str, ...]
    money: tuple[str, ...]
    thousands: str
    decimal: str
    decimals: int
    scale: float
    dates: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    times: tuple[str, ...]
    phones: tuple[str, ...]
    plates: tuple[str, ...]
    ibans: tuple[str, ...]
    cards: tuple[str, ...]
    codes: tuple[str, ...]
    tracking: tuple[str, ...]
    orders: tuple[str, ...]
    invoices: tuple[str, ...]
    customers: tuple[str, ...]
    references: tuple[str, ...]
    tickets: tuple[str, ...]
    bookings: tuple[str, ...]
    coupons: tuple[str, ...]
    flights: tuple[str, ...]
    gates: tuple[str, ...]
    seats: tuple[str, ...]
    trains: tuple[str, ...]
    products: tuple[str, ...]
    devices: tuple[str, ...]
    dishes: tuple[str, ...]
    subjects: tuple[str, ...]
    coins: tuple[str, ...]
    paths: tuple[str, ...]
    baits: tuple[str, ...]
    shorteners: tuple[str, ...]
    throwaway_suffixes: tuple[str, ...]
    free_hosts: tuple[str, ...]
