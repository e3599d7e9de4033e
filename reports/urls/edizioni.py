from django.urls import path

from reports.views import edizioni, pubblicazione

urlpatterns = [
    path("archivio/", edizioni.archivio, name="archivio"),
    path("edizioni/<int:pk>/", edizioni.edizione, name="edizione"),
    path("edizioni/<int:pk>/pubblica/", pubblicazione.pubblica, name="pubblica"),
    path("edizioni/<int:pk>/rettifica/", pubblicazione.rettifica, name="rettifica"),
    path("edizioni/<int:pk>/abbandona/", pubblicazione.abbandona, name="abbandona"),
    path("edizioni/<int:pk>/scarta/", pubblicazione.scarta, name="scarta"),
    path("edizioni/<int:pk>/differenze/", edizioni.differenze, name="differenze"),
    # Last: it takes any word.
    path("edizioni/<int:pk>/<slug:formato>/", edizioni.file, name="file"),
]
