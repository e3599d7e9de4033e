"""The projects for people under orders of the judicial authority, as a measure."""

from django.urls import path
from django_tables2 import Column

from measures.autorita_giudiziaria import funzioni
from measures.autorita_giudiziaria.flow import ProgettiGiudiziaria
from measures.autorita_giudiziaria.models import Progetto
from measures.autorita_giudiziaria.views import pagina_funzioni
from measures.misura import PROVINCIA, Fase, Misura
from porfse.tables import NumeroColumn

_STATO = Progetto.Stato


class AutoritaGiudiziaria(Misura):
    slug = "autorita-giudiziaria"
    nome = "Inclusione delle persone sottoposte a provvedimenti dell'autorità giudiziaria"
    descrizione = (
        "Progetti di accompagnamento all'inclusione sociale e lavorativa, con funzioni integrative"
        " (come l'«agente di rete») che ne hanno permesso il completamento nell'emergenza."
    )
    iniziativa = "autorita-giudiziaria-inclusione"
    model = Progetto
    singolare = "progetto"
    plurale = "progetti"
    fasi = {
        "finanziati": Fase("Finanziati", tuple(_STATO.values)),
        "in_essere": Fase(
            "In essere, non revocati",
            (_STATO.FINANZIATO, _STATO.AVVIATO, _STATO.CONCLUSO, _STATO.LIQUIDATO),
        ),
        "avviati": Fase("Avviati", (_STATO.AVVIATO, _STATO.CONCLUSO, _STATO.LIQUIDATO)),
        "conclusi": Fase("Conclusi", (_STATO.CONCLUSO, _STATO.LIQUIDATO)),
        "liquidati": Fase("Liquidati", (_STATO.LIQUIDATO,)),
        "revocati": Fase("Revocati", (_STATO.REVOCATO,), persa=True),
    }
    impegno = "in_essere"
    pagamento = "liquidati"
    dimensioni = {"provincia": PROVINCIA}
    colonne = (
        ("titolo", Column("Titolo")),
        ("destinatari", NumeroColumn("Destinatari")),
    )
    sorgenti = (ProgettiGiudiziaria,)
    cifre = (funzioni.Functions,)
    addresses = (path("funzioni/", pagina_funzioni, name="giudiziaria_funzioni"),)
    sezioni = (("giudiziaria_funzioni", "Funzioni"),)

    def summarize(self) -> None:
        funzioni.rebuild()


MISURA = AutoritaGiudiziaria()
