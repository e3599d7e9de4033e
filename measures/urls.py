"""Addresses of the measures: each measure's own, then those that all have."""

from django.urls import URLPattern, URLResolver, include, path

from measures.misura import misure
from measures.views import core, istanze, movimenti

app_name = "measures"

comuni = [
    path("", core.misura, name="misura"),
    path("province/", core.province, name="province"),
    path("tempi/", core.tempi, name="tempi"),
    path("elenco/", istanze.elenco, name="elenco"),
    path("movimenti/", movimenti.movimenti, name="movimenti"),
    # A code may have any character.
    path("elenco/<path:codice>/", istanze.istanza, name="istanza"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", core.indice, name="indice"),
    *(path(f"{misura.slug}/", include(list(misura.addresses))) for misura in misure()),
    path("<slug:slug>/", include(comuni)),
]
