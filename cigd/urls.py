"""Addresses of the CIGD, nested by noun."""

from django.urls import URLPattern, URLResolver, include, path

from cigd.views import (
    certificabile,
    certificazione,
    elementi,
    estrazioni,
    pagamenti,
    quadro,
    verifiche,
)

app_name = "cigd"

singoli = [
    path("", pagamenti.pagamenti, name="pagamenti"),
    path("percettore/", pagamenti.persona, name="persona"),
    path("esporta/", pagamenti.esporta, name="pagamenti_esporta"),
    # INPS may put any character into an identifier.
    path("<int:flusso>/<path:id_pagamento>/", pagamenti.pagamento, name="pagamento"),
]

spesa = [
    path("", certificabile.certificabile, name="certificabile"),
    path("flussi/<int:flusso_id>/", certificabile.flusso, name="certificabile_flusso"),
    path(
        "flussi/<int:flusso_id>/controllo/",
        certificabile.controllo,
        name="certificabile_controllo",
    ),
    path(
        "flussi/<int:flusso_id>/controllo/annulla/",
        certificabile.controllo_annulla,
        name="certificabile_controllo_annulla",
    ),
    path(
        "flussi/<int:flusso_id>/segnalazioni/",
        certificabile.segnalazione,
        name="certificabile_segnalazione",
    ),
    path("pagamento/", certificabile.pagamento, name="certificabile_pagamento"),
    path("spostamento/", certificabile.spostamento, name="certificabile_spostamento"),
]

lotti = [
    path("", certificazione.certificazioni, name="certificazioni"),
    path("nuova/", certificazione.nuova, name="certificazione_nuova"),
    path("<int:numero>/", certificazione.certificazione, name="certificazione"),
    path("<int:numero>/conferma/", certificazione.conferma, name="certificazione_conferma"),
    path("<int:numero>/annulla/", certificazione.annulla, name="certificazione_annulla"),
]

controlli = [
    path("", verifiche.verifiche, name="verifiche"),
    path("nuovo/", estrazioni.nuovo, name="campione_nuovo"),
    path("estrazioni/<int:numero>/", estrazioni.estrazione, name="estrazione"),
    path("estrazioni/<int:numero>/conferma/", estrazioni.conferma, name="estrazione_conferma"),
    path("estrazioni/<int:numero>/scarta/", estrazioni.scarta, name="estrazione_scarta"),
    path("<int:numero>/", verifiche.campione, name="campione"),
    path("<int:numero>/<int:elemento>/", elementi.verifica, name="verifica"),
    path("<int:numero>/<int:elemento>/seguiti/", elementi.seguito, name="verifica_seguito"),
    path(
        "<int:numero>/<int:elemento>/seguiti/<int:seguito>/",
        elementi.seguito_fatto,
        name="verifica_seguito_fatto",
    ),
    path("<int:numero>/<int:elemento>/<slug:tipo>/", elementi.registra, name="verifica_registra"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", quadro.quadro, name="quadro"),
    path("province/<str:sigla>/", quadro.provincia, name="provincia"),
    path("comuni/", quadro.comuni, name="comuni"),
    path("mesi/", quadro.mesi, name="mesi"),
    path("per-flusso/", quadro.per_flusso, name="per_flusso"),
    path("pagamenti/", include(singoli)),
    path("certificabile/", include(spesa)),
    path("certificazioni/", include(lotti)),
    path("verifiche/", include(controlli)),
    path("tassi/", certificazione.tassi, name="tassi"),
]
