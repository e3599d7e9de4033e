import os
import pwd
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from porfse import local
from porfse.local.accounts import Account, account_for
from porfse.local.places import Place


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("unix:///tmp/a/redis.sock?db=0", "redis+socket:///tmp/a/redis.sock?virtual_host=0"),
        ("unix:///tmp/a/redis.sock?db=3", "redis+socket:///tmp/a/redis.sock?virtual_host=3"),
        ("unix:///tmp/a/redis.sock", "redis+socket:///tmp/a/redis.sock?virtual_host=0"),
        ("unix://:pw@/tmp/redis.sock?db=1", "redis+socket://:pw@/tmp/redis.sock?virtual_host=1"),
        ("redis://:pw@host:6379/2", "redis://:pw@host:6379/2"),
        ("rediss://host/0", "rediss://host/0"),
    ],
)
def test_celery_url(redis_url, expected):
    assert local.celery_url(redis_url) == expected


def test_addresses_are_computed_and_nothing_is_started(tmp_path):
    place = Place(tmp_path, "run")

    found = local.addresses(tmp_path)

    assert conninfo_to_dict(found.database_url) == {
        "user": "porfse",
        "port": "5432",
        "dbname": "porfse",
        "host": str(place.sockets),
    }
    assert found.redis_url == f"unix://{place.sockets}/redis.sock?db=0"
    assert list(tmp_path.iterdir()) == []
    assert not place.sockets.exists()


def test_checkouts_and_kinds_have_addresses_of_their_own(tmp_path):
    bases = [tmp_path, tmp_path / "altra"]
    found = {local.addresses(base, kind=kind) for base in bases for kind in ("run", "test")}
    assert len(found) == 4


def test_a_checkout_has_one_address_through_a_link(tmp_path):
    link = tmp_path / "collegamento"
    link.symlink_to(tmp_path)
    assert local.addresses(link) == local.addresses(tmp_path)


def test_socket_paths_are_short_in_a_deep_checkout(tmp_path):
    sockets = Place(tmp_path.joinpath(*["cartella molto lunga"] * 12), "test").sockets
    assert len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) <= 107


def test_given_addresses_win_each_by_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/porfse")
    private = Place(tmp_path, "run").redis_socket
    assert local.addresses(tmp_path) == local.Addresses(
        "postgresql://db/porfse", f"unix://{private}?db=0"
    )

    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    assert local.addresses(tmp_path).redis_url == "redis://cache/0"


def test_root_without_an_unprivileged_account(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", list)
    with pytest.raises(local.LocalError, match="useradd postgres"):
        account_for(tmp_path / "manca")


def test_an_account_needs_every_folder_on_the_way(tmp_path):
    stranger = Account(uid=54321, gid=54321, dropped=True)
    owner = Account(uid=tmp_path.stat().st_uid, gid=tmp_path.stat().st_gid, dropped=False)
    inside = tmp_path / "dentro"
    inside.mkdir(mode=0o755)
    tmp_path.chmod(0o700)

    assert not stranger.can_enter(inside)
    assert owner.can_enter(inside)
    assert stranger.can_enter(Path("/"))
