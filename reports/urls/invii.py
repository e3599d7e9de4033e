"""Addresses of the sending, of the outbox and of who is written to."""

from django.urls import path

from reports.views import destinatari, invii

urlpatterns = [
    path("edizioni/<int:pk>/invia/", invii.invia, name="invia"),
    path("<slug:slug>/<str:periodo>/invia/", invii.insieme, name="invia_insieme"),
    path("invii/", invii.invii, name="invii"),
    path("invii/ripeti/", invii.ripeti_tutti, name="invii_ripeti"),
    path("invii/<int:pk>/ripeti/", invii.ripeti, name="invio_ripeti"),
    path("destinatari/", destinatari.destinatari, name="destinatari"),
    path("destinatari/nuovo/", destinatari.nuovo, name="destinatario_nuovo"),
    path("destinatari/<int:pk>/", destinatari.modifica, name="destinatario_modifica"),
]
