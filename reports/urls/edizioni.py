# Placeholder addresses, so that links resolve while the views are being written: replace the file.
from django.http import Http404
from django.urls import path


def not_there(*_, **__):
    raise Http404


urlpatterns = [
    path("archivio/", not_there, name="archivio"),
    path("edizioni/<int:pk>/", not_there, name="edizione"),
    path("edizioni/<int:pk>/pubblica/", not_there, name="pubblica"),
    path("edizioni/<int:pk>/rettifica/", not_there, name="rettifica"),
    path("edizioni/<int:pk>/differenze/", not_there, name="differenze"),
    path("edizioni/<int:pk>/<slug:formato>/", not_there, name="file"),
]
