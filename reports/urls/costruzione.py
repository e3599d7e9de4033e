# Placeholder addresses, so that links resolve while the views are being written: replace the file.
from django.http import Http404
from django.urls import path


def not_there(*_, **__):
    raise Http404


urlpatterns = [
    path("edizioni/<int:pk>/stato/", not_there, name="stato"),
    path("edizioni/<int:pk>/interrompi/", not_there, name="interrompi"),
    path("edizioni/<int:pk>/ricostruisci/", not_there, name="ricostruisci"),
]
