# Placeholder addresses, so that links resolve while the views are being written: replace the file.
from django.http import Http404
from django.urls import path


def not_there(*_, **__):
    raise Http404


urlpatterns = [
    path("edizioni/<int:pk>/invia/", not_there, name="invia"),
    path("invii/", not_there, name="invii"),
    path("destinatari/", not_there, name="destinatari"),
]
