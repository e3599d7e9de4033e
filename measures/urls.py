"""Addresses of the measures: those of all, then each measure's own."""

from django.urls import URLPattern

app_name = "measures"
urlpatterns: list[URLPattern] = []
