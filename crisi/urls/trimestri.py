"""Addresses of the quarters of the nuclei, and of the active policies."""

from django.urls import URLPattern, URLResolver, include, path

from crisi.views import pal, trimestri, trimestri_azioni

del_nucleo = [
    path("", trimestri.trimestre, name="trimestre"),
    path("modello/", trimestri_azioni.modello, name="trimestre_modello"),
    path("trasmetti/", trimestri_azioni.trasmetti, name="trimestre_trasmetti"),
    path("<slug:azione>/", trimestri_azioni.azione, name="trimestre_azione"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("trimestri/", trimestri.trimestri, name="trimestri"),
    path("trimestri/apri/", trimestri_azioni.apri, name="trimestri_apri"),
    path(
        "trimestri/<str:trimestre>/scadenza/", trimestri_azioni.scadenza, name="trimestri_scadenza"
    ),
    path("trimestri/<str:trimestre>/<str:sigla>/", include(del_nucleo)),
    path("pal/", pal.pal, name="pal"),
]
