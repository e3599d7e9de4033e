"""The call for company plans of Smart Working, as a measure."""

import re
from collections.abc import Sequence

from django.db.models import Q
from django.urls import path

from measures.misura import PROVINCIA, UNKNOWN, Dimensione, Fase, Misura, Tempo
from measures.models import Istanza
from measures.smart_working import views
from measures.smart_working.classi import CLASSI, class_of, class_sql, of_class
from measures.smart_working.flow import DomandeSmartWorking
from measures.smart_working.griglia import Griglia
from measures.smart_working.models import Domanda
from porfse.periods import italian
from porfse.tables import NumeroColumn

GRUPPI = {"addendum": "Addendum Covid-19", "originario": "Avviso originario"}
# Printed without codes: which ATECO 2007 division each label stands for is our reading.
SETTORI = {
    "46": "Commercio all'ingrosso",
    "62": "Produzione di software, consulenza informatica e attività connesse",
    "70": "Attività di direzione aziendale e consulenza gestionale",
    "88": "Assistenza sociale",
    "63": "Servizi informatici",
    "25": "Fabbricazione di prodotti in metallo",
}
_DIVISIONE = "^[0-9][0-9]"
_STATO = Domanda.Stato
_AMMESSE = (_STATO.AMMESSA, _STATO.RINUNCIATA, _STATO.DECADUTA, _STATO.LIQUIDATA)


def _of_sector(value: str) -> Q:
    return ~Q(ateco__regex=_DIVISIONE) if value == UNKNOWN else Q(ateco__startswith=value)


class SmartWorking(Misura):
    slug = "smart-working"
    nome = "Piani aziendali di Smart Working"
    descrizione = (
        "Sostegno alle imprese lombarde che adottano un piano di smart working: consulenza e"
        " formazione (azione A, sempre dovuta) e strumenti tecnologici (azione B)."
    )
    iniziativa = "smart-working"
    model = Domanda
    singolare = "domanda"
    plurale = "domande"
    fasi = {
        "presentate": Fase("Presentate", tuple(_STATO.values)),
        "ammesse": Fase("Ammesse", _AMMESSE),
        "beneficiarie": Fase("Beneficiarie", (_STATO.AMMESSA, _STATO.LIQUIDATA)),
        "liquidate": Fase("Liquidate", (_STATO.LIQUIDATA,)),
        "non_ammesse": Fase("Non ammesse", (_STATO.NON_AMMESSA,), persa=True),
        "rinunciate": Fase("Rinunciate", (_STATO.RINUNCIATA,), persa=True, lascia="ammesse"),
        "decadute": Fase("Decadute", (_STATO.DECADUTA,), persa=True, lascia="ammesse"),
        "perse": Fase(
            "Rinunciate o decadute",
            (_STATO.RINUNCIATA, _STATO.DECADUTA),
            persa=True,
            lascia="ammesse",
        ),
    }
    istruttoria = (_STATO.PRESENTATA, _STATO.NON_AMMESSA)
    impegno = "beneficiarie"
    pagamento = "liquidate"
    dimensioni = {
        "provincia": PROVINCIA,
        "classe": Dimensione("Classe", class_sql("t.dipendenti"), CLASSI, filtro=of_class),
        "gruppo": Dimensione(
            "Disposizioni",
            "CASE WHEN t.addendum_covid THEN 'addendum' ELSE 'originario' END",
            GRUPPI,
            filtro=lambda value: Q(addendum_covid=value == "addendum"),
        ),
        "settore": Dimensione(
            "Settore",
            f"CASE WHEN t.ateco ~ '{_DIVISIONE}' THEN left(t.ateco, 2) END",
            SETTORI,
            filtro=_of_sector,
            aperta=True,
            forma=rf"[0-9]{{2}}|{re.escape(UNKNOWN)}",
        ),
    }
    tagli = (("provincia", "classe", "gruppo"),)  # what the list is narrowed by
    sorgenti = (DomandeSmartWorking,)
    tempi = {
        "ammissione": Tempo(
            "Dalla presentazione all'ammissione", "data_inizio", "data_ammissione", "ammesse"
        ),
        "pagamento": Tempo(
            "Dall'ammissione al pagamento", "data_ammissione", "data_liquidazione", "liquidate"
        ),
        "intero": Tempo(
            "Dalla presentazione al pagamento", "data_inizio", "data_liquidazione", "liquidate"
        ),
    }
    cifre = (Griglia,)
    addresses = (
        path("classi/", views.classi, name="smart-working-classi"),
        path("addendum/", views.addendum, name="smart-working-addendum"),
        path("settori/", views.settori, name="smart-working-settori"),
    )
    sezioni = (
        ("smart-working-classi", "Classi dimensionali"),
        ("smart-working-addendum", "Addendum e avviso"),
        ("smart-working-settori", "Settori"),
    )
    parti = {
        "quadro": "measures/smart-working/_quadro.html",
        "province": "measures/smart-working/_province.html",
        "istanza": "measures/smart-working/_istanza.html",
    }
    colonne = (("dipendenti", NumeroColumn("Dipendenti")),)

    def notes(self, row: Istanza, others: Sequence[Istanza]) -> list[str]:
        """Say which applications of the company are of another size class."""
        return [
            f"Nella domanda {other.codice} ({italian(other.data_inizio)}) l'impresa dichiara"
            f" {other.dipendenti} dipendenti, qui {row.dipendenti}: la classe dimensionale cambia."
            for other in others
            if class_of(other.dipendenti) != class_of(row.dipendenti)
        ]


MISURA = SmartWorking()
