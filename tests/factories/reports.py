"""A small report that is in no catalogue, and its editions in each state.

The fixture `prova` (tests/reports/conftest.py) makes the report known for a test.
"""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from porfse.models import Provincia, User
from reports.codifica import encode, sha256
from reports.documento import (
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Frontespizio,
    Indicatore,
    Riga,
    Stato,
    Tabella,
)
from reports.models import Edizione, FileEdizione
from reports.parametri import Cadenza, Parametri
from reports.report import Calendario, Report

PERIODO = "2025-B5"
MOMENTO = datetime(2025, 11, 10, 9, 0, tzinfo=UTC)
COLONNE = (
    Colonna("comune", "Comune"),
    Colonna("lavoratori", "Lavoratori", Forma.NUMERO, somma=True),
    Colonna("importo", "Importo", Forma.EURO, somma=True),
)
_numbers = count(1)


class Prova(Report):
    """Every two months, for the Region and its provinces; what it tells is in its attributes.

    Attributes:
        righe: comune, workers, amount; a test changes them to change the data.
        esempio: whether they are examples.
        errore: raised when the data are read, if it is set.
    """

    slug = "prova"
    titolo = "Report di prova"
    descrizione = "Lavoratori e importi per comune."
    ordine = 1
    cadenza = Cadenza.BIMESTRE
    permesso = "crisi.view_regione"
    permesso_provincia = "crisi.view_procedure"
    provinciale = True
    calendario = Calendario(5)
    formati = ("csv", "json")

    def __init__(self) -> None:
        self.righe: list[tuple[str, int | None, Decimal | None]] = [
            ("Bergamo", 12, Decimal("100.50")),
            ("Treviglio", 7, Decimal("20.00")),
        ]
        self.esempio = False
        self.errore: Exception | None = None

    def documento(self, parametri: Parametri) -> Documento:
        if self.errore is not None:
            raise self.errore
        place = Provincia.objects.filter(pk=parametri.provincia).first()
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            provincia=parametri.provincia,
            provincia_nome=f"Provincia di {place.nome}" if place else "",
            capitoli=(Capitolo("Lavoratori", ("Quanti sono.",), self._voci(), (self._tabella(),)),),
            fonti=("VertenzeOnline, flusso 7",),
            esempio=self.esempio,
        )

    def _voci(self) -> tuple[Indicatore, ...]:
        total = sum(workers or 0 for _, workers, _ in self.righe)
        return (Indicatore("lavoratori", "Lavoratori", Cella(total), Forma.NUMERO),)

    def _tabella(self) -> Tabella:
        rows = [
            Riga(comune.lower(), (Cella(comune), Cella(workers), Cella(amount)))
            for comune, workers, amount in self.righe
        ]
        workers = sum(workers or 0 for _, workers, _ in self.righe)
        amount = sum((amount or Decimal(0) for *_, amount in self.righe), Decimal(0))
        total = Riga("totale", (Cella("Totale"), Cella(workers), Cella(amount)), totale=True)
        return Tabella(
            "comuni",
            "Lavoratori per comune",
            COLONNE,
            (*rows, total) if rows else (),
            "VertenzeOnline, flusso 7",
            esempio=self.esempio,
        )


def make_edizione(
    report: Report, stato: str = "bozza", *, periodo: str = PERIODO, provincia: str = "",
    **fields: object,
) -> Edizione:  # fmt: skip
    """An edition as it would be in a state; what was built has content and two small files.

    Args:
        stato: among Edizione.Stato; `pubblicata` takes the next number of 2025.
        fields: of the model, e.g. `edizione=2, rettifica=old, errata="…"`.
    """
    parametri = report.riletti(periodo, provincia)
    published = stato == Edizione.Stato.PUBBLICATA
    built = stato in (Edizione.Stato.BOZZA, Edizione.Stato.PUBBLICATA)
    by = User.objects.sistema()
    made = Edizione.objects.create(
        **{
            "report": report.slug,
            "periodo": parametri.testo,
            "al": parametri.al,
            "provincia_id": provincia or None,
            "stato": Edizione.Stato.BOZZA if published else stato,
            "richiesta_da": by,
            "richiesta_il": MOMENTO,
            "in_coda_dal": fields.get("richiesta_il", MOMENTO),
        }
        | fields
    )
    if built:
        _fill(made, report, parametri)
    if published:
        made.stato, made.anno = Edizione.Stato.PUBBLICATA, 2025
        made.numero = made.numero or next(_numbers)
        made.pubblicata_da, made.pubblicata_il = by, MOMENTO
        _write(made, report.documento(parametri))
        made.save()
    return made


def _fill(edizione: Edizione, report: Report, parametri: Parametri) -> None:
    document = report.documento(parametri)
    _write(edizione, document)
    edizione.costruita_il, edizione.millisecondi, edizione.tentativi = MOMENTO, 120, 1
    edizione.save()
    for formato in ("json", "pdf"):
        content = f"{formato} {edizione.pk}".encode()
        FileEdizione.objects.create(
            edizione=edizione,
            formato=formato,
            nome=f"{document.nome_file}.{formato}",
            sha256=sha256(content),
            dimensione=len(content),
            contenuto=content,
        )


def _write(edizione: Edizione, document: Documento) -> None:
    published = edizione.stato == Edizione.Stato.PUBBLICATA
    front = Frontespizio(
        stato=Stato.CONSOLIDATO if published else Stato.BOZZA,
        numero=edizione.numero_completo,
        edizione=edizione.edizione,
        pubblicato_il=edizione.pubblicata_il,
        pubblicato_da=str(edizione.pubblicata_da or ""),
        rettifica=edizione.rettifica.numero_completo if edizione.rettifica else "",
        errata=edizione.errata,
        decisione=edizione.decisione,
    )
    edizione.esempio = document.esempio
    edizione.contenuto = encode(document, front)
    edizione.contenuto_sha256 = sha256(edizione.contenuto)
