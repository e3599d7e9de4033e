"""What can't work is refused in one line of Italian that says what to do."""

import os
import socket
from pathlib import Path

import pytest

from porfse import local
from porfse.local.broker import Broker
from porfse.local.places import Place
from porfse.local.processes import find


def refusal(base, kind="test"):
    with pytest.raises(local.LocalError) as caught:
        local.ensure(base, kind=kind)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def cluster(checkout):
    """The data folder of a cluster, with nothing in it but its version."""
    place = Place(checkout, "test")
    with place.locked():
        place.prepare()
    folder = place.home / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9\n")
    return folder


def test_a_folder_that_can_not_be_written(tmp_path):
    base = Path("/sys") if os.geteuid() == 0 else tmp_path  # not even root may write there
    tmp_path.chmod(0o500)
    assert refusal(base).startswith(f"Non si può leggere o scrivere «{base}/var»")


def test_a_cluster_of_a_version_without_programs(checkout, cluster):
    message = refusal(checkout)
    assert "è di PostgreSQL 9 (versioni presenti: " in message
    assert "installare PostgreSQL 9, oppure rimuovere la cartella" in message


@pytest.mark.parametrize("content", [None, "", "quindici"])
def test_a_folder_that_is_no_cluster(checkout, cluster, content):
    (cluster / "PG_VERSION").unlink()
    if content is not None:
        (cluster / "PG_VERSION").write_text(content)
    assert f"«{cluster}» non è un database PostgreSQL integro" in refusal(checkout)


def test_damaged_data_quote_the_log_and_leave_nothing_running(checkout):
    local.ensure(checkout, kind="test")
    local.stop(checkout, kind="test")
    place = Place(checkout, "test")
    postgres, queues = place.home / "postgres", place.home / "redis"

    (queues / Broker(place).snapshot_name()).write_bytes(b"guasto")
    message = refusal(checkout)
    assert message.startswith("Redis non parte: «")
    assert f"rimuovere la cartella «{queues}»" in message
    assert find(["postgres"], postgres) == []

    (postgres / "global/pg_control").write_bytes(b"")
    message = refusal(checkout)
    assert message.startswith("PostgreSQL non parte: «")
    assert "pg_control" in message
    assert f"ripristinare una copia di «{postgres}»" in message


def test_sockets_folder_that_is_a_link(checkout, tmp_path):
    sockets = Place(checkout, "test").sockets
    sockets.symlink_to(tmp_path)
    try:
        assert f"«{sockets}» appartiene a un altro utente" in refusal(checkout)
    finally:
        sockets.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_sockets_folder_of_somebody_else(checkout):
    sockets = Place(checkout, "test").sockets
    sockets.mkdir()
    os.chown(sockets, 54321, 54321)
    assert f"«{sockets}» appartiene a un altro utente (uid 54321)" in refusal(checkout)


def test_a_port_that_is_taken(checkout):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(local.LocalError, match=rf"La porta {port} è occupata.*PORT=8001"):
            local.run(checkout, port)
    assert not (checkout / "var/servers").exists()


def test_a_port_that_does_not_exist(checkout):
    with pytest.raises(local.LocalError, match="La porta 70000 non esiste"):
        local.run(checkout, 70000)


def test_a_damaged_state_file(checkout):
    (checkout / "var").mkdir()
    (checkout / "var/run.json").write_text("{")
    with pytest.raises(local.LocalError, match="» è illeggibile: rimuoverlo"):
        local.stop(checkout)
    (checkout / "var/run.json").unlink()
