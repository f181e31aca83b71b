from pathlib import Path

import pytest

from serving.auth import Keys, create_key, list_keys, revoke_key
from serving.log import Log
from serving.problems import Problem


def test_a_key_does_what_its_scopes_say_and_is_not_stored(tmp_path: Path) -> None:
    log = Log(tmp_path / "db")
    identifier, key = create_key(log, "backend", ("score", "feedback"), 1)
    assert key.startswith("torwart_")
    keys = Keys(log)
    assert keys.authorise(key, "score").id == identifier
    for scope in ("read", "moderate", "admin"):
        with pytest.raises(Problem) as refused:
            keys.authorise(key, scope)
        assert refused.value.status == 403
    for wrong in (None, "", key + "x", key[:-1], "é", "\udc80"):
        with pytest.raises(Problem) as unknown:
            keys.authorise(wrong, "score")
        assert unknown.value.status == 401
    log.begin()
    log.commit()
    for file in tmp_path.iterdir():
        assert key.encode() not in file.read_bytes()


def test_admin_may_everything(tmp_path: Path) -> None:
    log = Log(tmp_path / "db")
    _, key = create_key(log, "first", ("admin",), 1)
    assert all(Keys(log).authorise(key, scope) for scope in ("score", "feedback", "read", "moderate", "admin"))


def test_a_revoked_key_is_listed_and_works_no_more(tmp_path: Path) -> None:
    log = Log(tmp_path / "db")
    identifier, key = create_key(log, "old", ("score",), 1)
    assert revoke_key(log, identifier, 2)
    assert not revoke_key(log, identifier, 3)
    assert not revoke_key(log, "key_unheard_of", 3)
    with pytest.raises(Problem):
        Keys(log).authorise(key, "score")
    assert list_keys(log) == [(identifier, "old", "score", 1, 2)]


@pytest.mark.parametrize("scopes", [(), ("everything",), ("score", "fly")])
def test_a_scope_that_does_not_exist_is_refused(tmp_path: Path, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="choose from"):
        create_key(Log(tmp_path / "db"), "x", scopes, 1)
