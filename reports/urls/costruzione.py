from django.urls import path

from reports.views import costruzione

urlpatterns = [
    path("edizioni/<int:pk>/stato/", costruzione.stato, name="stato"),
    path("edizioni/<int:pk>/interrompi/", costruzione.interrompi, name="interrompi"),
    path("edizioni/<int:pk>/ricostruisci/", costruzione.ricostruisci, name="ricostruisci"),
]
