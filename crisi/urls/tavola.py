"""Addresses of the table of the crises."""

from django.urls import path

from crisi.views import tavola

urlpatterns = [
    path("", tavola.tavola, name="tavola"),
    path("province/<str:sigla>/", tavola.provincia, name="provincia"),
]
