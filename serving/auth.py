"""API keys: random, long, shown once, kept only as a hash, each with the least it may do."""

import hashlib
import secrets
import time
from typing import Final

from msgspec import Struct

from serving.log import Log, LogUnreachableError
from serving.problems import Problem

SCOPES: Final = ("score", "feedback", "read", "moderate", "admin")
"""score: the scoring routes. feedback: reports, blocks, events, profiles, templates. read: everything that is read.
moderate: reviews, labels, enforcements. admin: all of these."""

PREFIX: Final = "torwart_"
_FRESH_S: Final = 1.0
_SOONEST_S: Final = 0.05
"""How soon an unknown key makes a worker read the keys again, at the soonest."""


class ApiKey(Struct, frozen=True):
    """Who calls, and what it may do."""

    id: str
    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the key has a scope; admin has all."""
        return scope in self.scopes or "admin" in self.scopes


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def create_key(log: Log, name: str, scopes: tuple[str, ...], now_us: int) -> tuple[str, str]:
    """Make a key and store its hash; returns its id and the key itself, which nobody can read again.

    Raises ``ValueError`` for a scope that does not exist.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise ValueError(f"unknown scope {', '.join(unknown) or '(none)'}; choose from {', '.join(SCOPES)}")
    key = PREFIX + secrets.token_urlsafe(32)
    identifier = "key_" + secrets.token_hex(6)
    log.begin()
    try:
        log.execute(
            "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, NULL)",
            (identifier, _hash(key), name, " ".join(sorted(set(scopes))), now_us),
        )
        log.commit()
    except BaseException:
        log.rollback()
        raise
    log.sync()
    return identifier, key


def list_keys(log: Log) -> list[tuple[str, str, str, int, int | None]]:
    """Id, name, scopes, creation and revocation time (µs) of every key, oldest first."""
    return log.execute(
        "SELECT id, name, scopes, created_at, revoked_at FROM api_keys ORDER BY created_at, id"
    ).fetchall()


def revoke_key(log: Log, identifier: str, now_us: int) -> bool:
    """End a key; false if there is none of this id that still works."""
    log.begin()
    try:
        changed = log.execute(
            "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now_us, identifier)
        ).rowcount
        log.commit()
    except BaseException:
        log.rollback()
        raise
    log.sync()
    return changed > 0


class Keys:
    """The keys that work, as a worker knows them; a new or revoked key is noticed within a second."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._by_hash: dict[bytes, ApiKey] = {}
        self._recent: dict[str, ApiKey] = {}
        """Keys seen since the last reading, so that not every request pays for a hash."""
        self._read_at = 0.0

    def authorise(self, key: str | None, scope: str) -> ApiKey:
        """Who calls. Raises 401 for a missing or unknown key and 403 for one without ``scope``."""
        if not key:
            raise Problem(
                401, "missing_key", "Send an API key in the header X-API-Key.", headers={"WWW-Authenticate": "ApiKey"}
            )
        if time.monotonic() - self._read_at > _FRESH_S:
            self._read()
        known = self._recent.get(key)
        if known is None:
            known = self._by_hash.get(_hash(key))
            if known is None and time.monotonic() - self._read_at > _SOONEST_S:
                # It may have been made a moment ago.
                self._read()
                known = self._by_hash.get(_hash(key))
        if known is None:
            raise Problem(
                401, "unknown_key", "This API key is not known or was revoked.", headers={"WWW-Authenticate": "ApiKey"}
            )
        self._recent[key] = known
        if not known.may(scope):
            raise Problem(
                403, "missing_scope", f"This key lacks the scope {scope}; it has {', '.join(sorted(known.scopes))}."
            )
        return known

    def _read(self) -> None:
        try:
            rows = self._log.execute("SELECT hash, id, name, scopes FROM api_keys WHERE revoked_at IS NULL").fetchall()
        except LogUnreachableError:
            return
        self._by_hash = {
            digest: ApiKey(identifier, name, frozenset(scopes.split())) for digest, identifier, name, scopes in rows
        }
        self._recent.clear()
        self._read_at = time.monotonic()
