#!/usr/bin/env python
"""Django's command line; it starts the embedded servers before a command that needs them."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from porfse import local

BASE_DIR = Path(__file__).resolve().parent
# Commands that must answer without a database: the launcher itself and pure code generation.
WITHOUT_SERVERS = {"local", "help", "version", "--help", "--version", "collectstatic"}


def main() -> None:
    """Start what the command needs, then run it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "porfse.settings")
    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVERS:
        try:
            local.ensure(BASE_DIR)
        except local.LocalError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
