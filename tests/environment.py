"""Prepares what the settings read before pytest-django reads them: servers, and variables.

Loaded early with `-p` (pyproject.toml). Tests use `var/test`, or what DATABASE_URL and
REDIS_URL name.
"""

import os
import sys
from pathlib import Path

from porfse import local

BASE_DIR = Path(__file__).resolve().parent.parent

os.environ["DEBUG"] = "true"
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["MEDIA_ROOT"] = str(BASE_DIR / "var" / "test" / "media")
os.environ["SECOND_FACTOR_REQUIRED"] = "false"
try:
    local.ensure(BASE_DIR, kind="test")
except local.LocalError as error:
    sys.exit(str(error))
_addresses = local.addresses(BASE_DIR, kind="test")
os.environ["DATABASE_URL"] = _addresses.database_url
os.environ["REDIS_URL"] = _addresses.redis_url
