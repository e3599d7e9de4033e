"""Addresses of the crises, by noun."""

from crisi.urls import flussi, procedure, tavola, tavoli, trimestri

app_name = "crisi"
urlpatterns = [
    *tavola.urlpatterns,
    *procedure.urlpatterns,
    *trimestri.urlpatterns,
    *tavoli.urlpatterns,
    *flussi.urlpatterns,
]
