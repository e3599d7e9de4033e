"""Addresses of the programme, nested by noun."""

from django.urls import include, path, register_converter

from programme.views import fatti, fonti, movimenti, n3, panoramica, quadratura, struttura


class CodeConverter:
    """The code of an asse, an azione or a priority: `II`, `9.8.1`, `8.v`, `V.1.1`."""

    regex = r"[0-9A-Za-z][0-9A-Za-z.]{0,9}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")

app_name = "programme"

iniziative = [
    path("", struttura.iniziative, name="iniziative"),
    path("<slug:code>/", struttura.iniziativa, name="iniziativa"),
    path("<slug:code>/modifica/", struttura.iniziativa_modifica, name="iniziativa_modifica"),
]

registro = [
    path("", movimenti.indice, name="movimenti_indice"),
    path("<slug:quantity>/", movimenti.registro, name="movimenti"),
    path("<slug:quantity>/nuovo/", movimenti.nuovo, name="movimento_nuovo"),
    path("<slug:quantity>/<int:pk>/", movimenti.movimento, name="movimento"),
    path("<slug:quantity>/<int:pk>/storno/", movimenti.storno, name="movimento_storno"),
]

controllo = [
    path("", quadratura.quadratura, name="quadratura"),
    path("<slug:code>/", quadratura.cifra_stampata, name="cifra_stampata"),
]

sorgenti = [
    path("", fonti.fonti, name="fonti"),
    path("<int:pk>/", fonti.fonte, name="fonte"),
    path("<int:pk>/ritiro/", fonti.ritiro, name="fonte_ritiro"),
]

urlpatterns = [
    path("", panoramica.panoramica, name="panoramica"),
    path(
        "programma/",
        include(
            [
                path("struttura/", struttura.struttura, name="struttura"),
                path("assi/<code:code>/", struttura.asse, name="asse"),
                path("priorita/<code:code>/", struttura.priorita, name="priorita"),
                path("obiettivi/<code:code>/", struttura.obiettivo, name="obiettivo"),
                path("azioni/<code:code>/", struttura.azione, name="azione"),
                path("iniziative/", include(iniziative)),
                path("movimenti/", include(registro)),
                path("indicatori/", fatti.indicatori, name="indicatori"),
                path("destinatari/", fatti.destinatari, name="destinatari"),
                path("covid/", fatti.covid, name="covid"),
                path("n3/", n3.n3, name="n3"),
                path("piano-finanziario/", fatti.piano, name="piano"),
                path("quadratura/", include(controllo)),
                path("fonti/", include(sorgenti)),
            ]
        ),
    ),
]
