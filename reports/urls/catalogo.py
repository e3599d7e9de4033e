from django.urls import path

from reports.views import catalogo

urlpatterns = [
    path("", catalogo.catalogo, name="catalogo"),
    path("calendario/", catalogo.calendario, name="calendario"),
    path("<slug:slug>/", catalogo.report, name="report"),
    path("<slug:slug>/costruisci/", catalogo.costruisci, name="costruisci"),
]
