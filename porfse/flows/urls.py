"""Addresses of the flows, nested by noun."""

from django.urls import include, path

from porfse.flows.views import azioni, calendario, carica, elenco, flusso

app_name = "flussi"

uno = [
    path("", flusso.flusso, name="flusso"),
    path("avanzamento/", flusso.avanzamento, name="avanzamento"),
    path("scarti/", flusso.scarti, name="scarti"),
    path("validazione/", azioni.valida, name="valida"),
    path("acquisizione/", azioni.acquisisci, name="acquisisci"),
    path("scarto/", azioni.scarta, name="scarta"),
    path("annullamento/", azioni.annulla, name="annulla"),
]

calendario_ = [
    path("", calendario.calendario, name="calendario"),
    path("nuovo/", calendario.nuovo, name="atteso_nuovo"),
    path("<int:pk>/rimozione/", calendario.rimozione, name="atteso_rimozione"),
]

urlpatterns = [
    path("", elenco.elenco, name="flussi"),
    path("carica/", carica.carica, name="carica"),
    path("calendario/", include(calendario_)),
    path("fonti/<slug:slug>/", elenco.fonte, name="fonte"),
    path("<int:pk>/", include(uno)),
]
