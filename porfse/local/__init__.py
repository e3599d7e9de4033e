"""The launcher: private PostgreSQL and Redis for a checkout, and the processes of the product.

Standard library, psycopg and redis only: the settings and `manage.py` import it before Django is
ready. Settings ask `addresses` and never start a server; `manage.py` and the tests call `ensure`;
`manage.py local run` calls `run`. See docs/adr/0001-launcher.md.
"""

from porfse.local.errors import LocalError
from porfse.local.places import Addresses, Kind, addresses, celery_url, redis_database
from porfse.local.product import run, status, stop
from porfse.local.servers import ensure

__all__ = [
    "Addresses",
    "Kind",
    "LocalError",
    "addresses",
    "celery_url",
    "ensure",
    "redis_database",
    "run",
    "status",
    "stop",
]
