"""Each test has a seeded database, queues and workers of its own, and may kill them."""

from collections.abc import Callable, Iterator

import pytest
import redis
from django.core.management import call_command

from porfse import local
from tests.faults.servers import (
    Product,
    Servers,
    Worker,
    connected_to,
    private_servers,
    queueing_to,
)

_TEMPLATE, _CLONE = "modello", "prova"


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with private_servers() as found:
        yield found


@pytest.fixture(scope="session")
def template(servers, django_db_blocker) -> str:
    """A database with tables, roles and reference data, to be cloned."""
    servers.administer("CREATE DATABASE {}", _TEMPLATE)
    with django_db_blocker.unblock(), connected_to(servers.url(_TEMPLATE)):
        call_command("migrate", interactive=False, verbosity=0)  # the suite seeds after it
    return _TEMPLATE


@pytest.fixture
def product(servers, template, django_db_blocker, settings, monkeypatch):
    """The product on a clone of the template; the environment names it for the workers, too."""
    servers.start()
    servers.administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", _CLONE)
    servers.administer("CREATE DATABASE {} TEMPLATE {}", _CLONE, template)
    with redis.Redis.from_url(servers.redis_url) as queues:
        queues.flushall()
    url = servers.url(_CLONE)
    settings.CACHES = {
        "default": {
            "BACKEND": settings.CACHES["default"]["BACKEND"],
            "LOCATION": local.redis_database(servers.redis_url, 1),
        }
    }
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REDIS_URL", servers.redis_url)
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))
    broker = local.celery_url(servers.redis_url)
    with django_db_blocker.unblock(), connected_to(url), queueing_to(broker):
        yield Product(servers, url)


@pytest.fixture
def start_worker(product, tmp_path) -> Iterator[Callable[[], Worker]]:
    """Start a worker; it is killed at the end if it still runs."""
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker(tmp_path / f"worker-{len(workers)}.log"))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
