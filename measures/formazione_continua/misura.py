"""Formazione Continua fase VI, as a measure: vouchers of companies for their workers' courses."""

from datetime import date

from django.db.models import Q
from django.urls import path
from django_tables2 import Column

from measures.formazione_continua import massimali, views
from measures.formazione_continua.flow import VoucherFormazione
from measures.formazione_continua.models import Voucher
from measures.misura import PROVINCIA, Dimensione, Fase, Misura, Tempo
from porfse.errors import BadInput

_STATO = Voucher.Stato
_IN_FORCE = (_STATO.CONCESSO, _STATO.RENDICONTATO, _STATO.LIQUIDATO)


def _of_month(value: str) -> Q:
    """The condition on the vouchers granted in a month."""
    try:
        first = date.fromisoformat(f"{value}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError as error:
        raise BadInput(f"Il mese «{value[:20]}» non è valido: scriverlo come 2020-03.") from error
    return Q(data_inizio__gte=first, data_inizio__lt=after)


class FormazioneContinua(Misura):
    slug = "formazione-continua"
    nome = "Formazione Continua fase VI"
    descrizione = (
        "Voucher aziendali per corsi di formazione continua di chi lavora nelle imprese lombarde,"
        " durante la pandemia anche a distanza (FAD o e-learning)."
    )
    iniziativa = "formazione-continua-vi"
    model = Voucher
    singolare = "voucher"
    plurale = "voucher"
    fasi = {
        "concessi": Fase("Concessi", tuple(_STATO.values)),
        "in_essere": Fase("In essere, non revocati", _IN_FORCE),
        "rendicontati": Fase("Rendicontati", (_STATO.RENDICONTATO, _STATO.LIQUIDATO)),
        "liquidati": Fase("Liquidati", (_STATO.LIQUIDATO,)),
        "revocati": Fase("Revocati", (_STATO.REVOCATO,), persa=True),
    }
    impegno = "in_essere"
    pagamento = "liquidati"
    dimensioni = {
        "provincia": PROVINCIA,
        "gruppo": Dimensione(
            "Modalità",
            "t.modalita",
            dict(Voucher.Modalita.choices),
            filtro=lambda value: Q(modalita=value),
        ),
        "mese": Dimensione(
            "Mese di concessione",
            "to_char(t.data_inizio, 'YYYY-MM')",
            {},
            filtro=_of_month,
            forma=r"[0-9]{4}-[0-9]{2}",
        ),
    }
    tagli = (("gruppo", "mese"),)
    tempi = {
        "pagamento": Tempo(
            "Dalla concessione al pagamento", "data_inizio", "data_liquidazione", "liquidati"
        ),
    }
    colonne = (("modalita", Column("Modalità")), ("corso", Column("Corso")))
    sorgenti = (VoucherFormazione,)
    cifre = (massimali.Bands,)
    addresses = (
        path("modalita/", views.pagina_modalita, name="formazione_modalita"),
        path("massimali/", views.pagina_massimali, name="formazione_massimali"),
    )
    sezioni = (
        ("formazione_modalita", "Modalità nel tempo"),
        ("formazione_massimali", "Massimali"),
    )

    def summarize(self) -> None:
        massimali.rebuild()


MISURA = FormazioneContinua()
