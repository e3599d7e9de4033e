"""The side navigation: each app declares its pages, each person sees those that he may open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from porfse.models import User
from porfse.reference import carried
from porfse.roles import roles_of


@dataclass(frozen=True)
class Entry:
    nome: str
    url: str
    attiva: bool


@dataclass(frozen=True)
class Area:
    nome: str
    voci: Sequence[Entry]

    @property
    def attiva(self) -> bool:
        return any(entry.attiva for entry in self.voci)


def areas(request: HttpRequest) -> list[Area]:
    """Return the areas with at least one page for the person; what the reader chose goes along."""
    query = carried(request)
    allowed = _pages(request)
    current = _innermost(request.path, [url for pages in allowed.values() for url in pages])
    return [
        Area(
            name,
            [Entry(label, f"{url}{query}", url == current) for url, label in pages.items()],
        )
        for name, pages in allowed.items()
        if pages
    ]


def first_page(request: HttpRequest) -> str | None:
    """Return where a person begins: the page made for him, else the first that he may open."""
    for config in apps.get_app_configs():
        for page in getattr(config, "navigation", ()):
            if page.prima and request.user.has_perms((page.prima, page.permission)):
                return reverse(page.url_name)
    return next((area.voci[0].url for area in areas(request)), None)


def _pages(request: HttpRequest) -> dict[str, dict[str, str]]:
    """The pages that the person may open, by area: the apps' own areas first."""
    configs = list(reversed(list(apps.get_app_configs())))
    found: dict[str, dict[str, str]] = {str(config.verbose_name): {} for config in configs}
    for config in configs:
        for page in getattr(config, "navigation", ()):
            if request.user.has_perm(page.permission):
                pages = found.setdefault(page.area or str(config.verbose_name), {})
                pages[reverse(page.url_name)] = page.nome
    return found


def _innermost(path: str, urls: list[str]) -> str:
    """The page of the navigation that the path lies in; the home page holds only itself."""
    holding = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(holding, key=len, default="")


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the shell of every page shows, made once for each request."""
    if not hasattr(request, "_shell"):
        user = getattr(request, "user", None)
        request._shell = {  # type: ignore[attr-defined]  # noqa: SLF001
            "navigazione": areas(request) if isinstance(user, User) else [],
            "ruoli": [role.label for role in roles_of(user)] if isinstance(user, User) else [],
            "scelte_url": carried(request),
            "data_minima": settings.EARLIEST_DATE,
            "data_massima": timezone.localdate(),
        }
    chosen = getattr(request, "data_riferimento", None)
    return {**request._shell, "data_riferimento": chosen}  # type: ignore[attr-defined]  # noqa: SLF001
