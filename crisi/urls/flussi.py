"""Addresses of what the flows of the crises have beside those of all flows."""

from django.urls import URLPattern, path

from crisi.views import flussi

urlpatterns: list[URLPattern] = [
    path("flussi/<int:pk>/conflitti/", flussi.conflitti, name="conflitti"),
    path("pal/carica/", flussi.pal_carica, name="pal_carica"),
]
