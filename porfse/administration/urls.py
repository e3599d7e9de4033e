"""Addresses of the administration, nested by noun."""

from django.urls import include, path

from porfse.administration import views

app_name = "amministrazione"

utenti = [
    path("", views.utenti, name="utenti"),
    path("nuovo/", views.utente_nuovo, name="utente_nuovo"),
    path("<int:pk>/", views.utente, name="utente"),
    path("<int:pk>/password/", views.utente_password, name="utente_password"),
    path("<int:pk>/secondo-fattore/", views.utente_secondo_fattore, name="utente_secondo_fattore"),
]

registro = [
    path("", views.registro, name="registro"),
    path("<int:pk>/", views.operazione, name="operazione"),
]

urlpatterns = [
    path("utenti/", include(utenti)),
    path("registro/", include(registro)),
]
