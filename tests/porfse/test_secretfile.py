"""A secret kept in a file: made once, whoever asks first, and readable by nobody else."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from porfse.secretfile import secret_from

TOGETHER = 8


@pytest.fixture
def _open_umask():
    """Files that are not private by themselves."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_it_is_made_once_and_kept(tmp_path):
    path = tmp_path / "cartella" / "che" / "non-c'è"
    secret = secret_from(path)
    assert len(secret) == 64
    assert secret_from(path) == secret == path.read_text()
    assert secret_from(tmp_path / "altro") != secret


@pytest.mark.usefixtures("_open_umask")
def test_only_the_owner_reads_it(tmp_path):
    secret_from(tmp_path / "segreto")
    assert stat.S_IMODE((tmp_path / "segreto").stat().st_mode) == 0o600


@pytest.mark.parametrize("round_", range(10))
def test_who_asks_together_gets_the_same(tmp_path, round_):
    path = tmp_path / "segreto"
    start = Barrier(TOGETHER)

    def ask(_: int) -> str:
        start.wait()
        return secret_from(path)

    with ThreadPoolExecutor(TOGETHER) as pool:
        secrets = set(pool.map(ask, range(TOGETHER)))
    assert secrets == {path.read_text()}
    assert [found.name for found in tmp_path.iterdir()] == ["segreto"]  # no draft is left


def test_who_comes_second_leaves_the_first_secret_alone(tmp_path):
    path = tmp_path / "segreto"
    path.write_text("scelto a mano")
    assert secret_from(path) == "scelto a mano"
    assert [found.name for found in tmp_path.iterdir()] == ["segreto"]
