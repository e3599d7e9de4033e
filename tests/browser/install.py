"""Finds the Chromium of the browser tests, or installs one: `python -m tests.browser.install`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "Per i test nel browser serve Chromium: installarlo (su Debian «apt-get install chromium»)"
    " oppure indicarlo con CHROMIUM=/percorso/del/programma."
)


def find_chromium() -> str | None:
    """Return the path of a Chromium that runs: the one in CHROMIUM, if set, and no other."""
    return next((path for path in _candidates() if _runs(path)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium without a window, and without the sandbox, which refuses root and containers.

    Raises:
        LookupError: there is none on this machine.
    """
    path = find_chromium()
    if path is None:
        raise LookupError(HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()


def main() -> None:
    path = find_chromium() or (None if os.environ.get("CHROMIUM") else _install())
    if path is None:
        sys.exit(HOW)
    print(f"Chromium: {path}")  # noqa: T201 - a command


def _candidates() -> Iterator[str]:
    if forced := os.environ.get("CHROMIUM"):
        yield forced
        return
    yield from filter(None, map(shutil.which, NAMES))
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    yield own


def _runs(path: str) -> bool:
    """Say whether a program tells its version; Ubuntu's `chromium-browser` may be a mere hint."""
    try:
        return not subprocess.run([path, "--version"], capture_output=True, check=False).returncode
    except OSError:
        return False


def _install() -> str | None:
    """Try what this machine allows, the distribution's package first; return what runs then."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        package = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        commands = [["apt-get", "update"], package, *commands]
    for command in commands:
        subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False)
        if path := find_chromium():
            return path
    return None


if __name__ == "__main__":
    main()
