"""Addresses of the worklist, of the meetings and of the high-complexity cases."""

from django.urls import path

from crisi.views import cruscotto, lavoro, tavoli, tavoli_modulo

urlpatterns = [
    path("lavoro/", lavoro.lavoro, name="lavoro"),
    path("lavoro/prendi/", lavoro.prendi, name="prendi"),
    path("lavoro/<int:pk>/annulla/", lavoro.annulla, name="carico_annulla"),
    path("tavoli/", tavoli.tavoli, name="tavoli"),
    path("tavoli/nuovo/", tavoli_modulo.nuovo, name="tavolo_nuovo"),
    path("tavoli/<int:pk>/", tavoli.tavolo, name="tavolo"),
    path("tavoli/<int:pk>/modifica/", tavoli_modulo.modifica, name="tavolo_modifica"),
    path("tavoli/<int:pk>/seguiti/<int:seguito>/", tavoli.seguito, name="seguito"),
    path("complesse/", cruscotto.cruscotto, name="cruscotto"),
]
