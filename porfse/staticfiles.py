"""Static files that come from installed packages: those that a page loads, under our names."""

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

_THEME = "bootstrap_italia_template"
_FONTS = {"400": "regular", "400-italic": "italic", "600": "600", "700": "700"}

# The apps' own `static/` folders are not searched: the theme alone has 200 files that nothing uses.
PACKAGE_FILES: dict[str, tuple[str, str]] = {
    "vendor/bootstrap-italia.min.css": (_THEME, "static/css/bootstrap-italia.min.css"),
    **{
        f"vendor/titillium-web-{ours}.woff2": (
            _THEME,
            f"static/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-{theirs}.woff2",
        )
        for ours, theirs in _FONTS.items()
    },
    "vendor/htmx.min.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
    "plotly/plotly.min.js": ("plotly", "package_data/plotly.min.js"),
}

# Left out of stylesheets: fonts embedded as data (a video player's icons), which the policy refuses
# with an error on every page, and the name of a source map, which the manifest would look for.
_LEFT_OUT = re.compile(rb"@font-face\{[^}]*url\(data:[^}]*\}|/\*# sourceMappingURL=[^*]*\*/")


def package_path(name: str) -> Path:
    """Return where the file served as `name` lies on this machine.

    Raises:
        KeyError: `name` is not in `PACKAGE_FILES`.
        ModuleNotFoundError: its package is not installed.
    """
    package, inside = PACKAGE_FILES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"Pacchetto non installato: {package}", name=package)
    return Path(spec.origin).parent / inside


class PackageStorage(FileSystemStorage):
    """The files of `PACKAGE_FILES`, read from where they lie; stylesheets without `_LEFT_OUT`."""

    def path(self, name: str) -> str:
        return str(package_path(name))

    def open(self, name: str, mode: str = "rb") -> File:
        with super().open(name, mode) as file:
            content = file.read()
        return ContentFile(_LEFT_OUT.sub(b"", content) if name.endswith(".css") else content, name)


class PackageFileFinder(BaseFinder):
    """Lets `collectstatic` and `static` find the files of `PACKAGE_FILES`."""

    def check(self, **_kwargs: Any) -> list[CheckMessage]:
        """Report each file that its package no longer has (a new version may move it)."""
        return [
            Error(f"Manca il file {inside} del pacchetto {package}.", id="porfse.E003", obj=name)
            for name, (package, inside) in PACKAGE_FILES.items()
            if not package_path(name).is_file()
        ]

    def find(self, path: str, find_all: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the path of `path` on this machine, or a list of it; empty if it is not ours."""
        found = [str(package_path(path))] if path in PACKAGE_FILES else []
        if find_all:
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, PackageStorage]]:
        """Yield the name of each file with the storage that opens it."""
        storage = PackageStorage()
        for name in PACKAGE_FILES:
            if not matches_patterns(name, ignore_patterns or ()):
                yield name, storage
