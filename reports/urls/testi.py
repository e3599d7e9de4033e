from django.urls import path

from reports.views import testi

CHAPTER = "testi/<slug:slug>/<str:periodo>/<slug:capitolo>/"

urlpatterns = [
    path("testi/", testi.testi, name="testi"),
    path(CHAPTER, testi.testo, name="testo"),
    path(f"{CHAPTER}approva/", testi.approva, name="testo_approva"),
    path(f"{CHAPTER}rimanda/", testi.rimanda, name="testo_rimanda"),
    path(f"{CHAPTER}versioni/", testi.versioni, name="testo_versioni"),
]
