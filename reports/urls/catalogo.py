# Placeholder addresses, so that links resolve while the views are being written: replace the file.
from django.http import Http404
from django.urls import path


def not_there(*_, **__):
    raise Http404


urlpatterns = [
    path("", not_there, name="catalogo"),
    path("calendario/", not_there, name="calendario"),
    path("<slug:slug>/", not_there, name="report"),
    path("<slug:slug>/costruisci/", not_there, name="costruisci"),
]
