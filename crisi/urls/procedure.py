"""Addresses of the procedures."""

from django.urls import URLPattern, URLResolver, include, path

from crisi.views import procedure, procedure_bozze, procedure_modulo, procedure_stati

una = [
    path("", procedure.procedura, name="procedura"),
    path("modifica/", procedure_modulo.modifica, name="procedura_modifica"),
    path("storia/", procedure.storia, name="procedura_storia"),
    path("note/", procedure.nota, name="procedura_nota"),
    path("concludi/", procedure_stati.concludi, name="procedura_concludi"),
    path("ritira/", procedure_stati.ritira, name="procedura_ritira"),
    path("riapri/", procedure_stati.riapri, name="procedura_riapri"),
    path("bozza/", procedure_bozze.bozza_salva, name="bozza_salva_modifica"),
]

tutte = [
    path("", procedure.procedure, name="procedure"),
    path("nuova/", procedure_modulo.nuova, name="procedura_nuova"),
    path("azienda/", procedure_bozze.azienda, name="procedura_azienda"),
    path("bozze/", procedure_bozze.bozze, name="bozze"),
    path("bozze/salva/", procedure_bozze.bozza_salva, name="bozza_salva"),
    path("bozze/<int:pk>/elimina/", procedure_bozze.bozza_elimina, name="bozza_elimina"),
    path("<int:pk>/", include(una)),
]

urlpatterns: list[URLPattern | URLResolver] = [path("procedure/", include(tutte))]
