"""Tables of the procedures, of their sites, and of what is reported on these."""

from collections.abc import Iterator, Sequence
from typing import Any

import django_tables2 as tables
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crisi.models import AvanzamentoPAL, Procedura, UnitaProduttiva
from crisi.models.pal import Strumento
from crisi.scope import own_provincia
from crisi.stato import ended_on
from porfse import money
from porfse.codes import masked
from porfse.models import User
from porfse.periods import Periodo
from porfse.tables import LONG, DataColumn, NumeroColumn, Tabella

ESEMPIO = "esempio"


def code_for(code: str, user: User) -> str:
    """Return a company's codice fiscale; a person's is covered for who edits no procedures."""
    return masked(code) if len(code) == 16 and own_provincia(user) is None else code


def with_own_sites(rows: QuerySet[Procedura], user: User) -> QuerySet[Procedura]:
    """Add to each procedure what its sites that the person may see add up to.

    `province` (sigle), `unita_viste`, `lavoratori_noti` (None if no site has a number),
    `unita_non_note` (sites without a number); and `stato_oggi`, its state as of today.
    """
    sites = UnitaProduttiva.objects.visible_to(user).filter(procedura=OuterRef("pk")).order_by()
    grouped = sites.values("procedura")
    return rows.annotate(
        province=ArraySubquery(
            sites.order_by("comune__provincia").values("comune__provincia").distinct()
        ),
        unita_viste=Subquery(grouped.annotate(n=Count("pk")).values("n")),
        lavoratori_noti=Subquery(grouped.annotate(n=Sum("lavoratori")).values("n")),
        unita_non_note=Subquery(grouped.annotate(n=Count("pk") - Count("lavoratori")).values("n")),
        stato_oggi=Case(
            When(ended_on(timezone.localdate()), then=Value(Procedura.Stato.CONCLUSA)),
            default=F("stato"),
            output_field=CharField(),
        ),
    )


# What the file of the list has: the page has no room for all.
FILE = {
    "Pratica": "codice_pratica",
    "Azienda": "azienda__denominazione",
    "Codice fiscale": "azienda__codice_fiscale",
    "Tipo": "tipo",
    "Linea guida": "linea_guida",
    "Avvio": "data_avvio",
    "Fine": "data_fine",
    "Province": "province",
    "Unità": "unita_viste",
    "Lavoratori": "lavoratori_noti",
    "Unità con lavoratori non noti": "unita_non_note",
    "Stato": "stato_oggi",
    "Alta complessità": "alta_complessita",
    "Obbligo PAL": "obbligo_pal",
    "Dati di esempio": "esempio",
}
_CHUNK = 2_000  # rows read at a time


def file_rows(rows: QuerySet[Procedura], user: User) -> Iterator[Sequence[Any]]:
    """Yield the rows of the file of the list, the header first; tens of thousands in seconds.

    Args:
        rows: as `with_own_sites` returns them, in the order of the file.
    """
    yield list(FILE)
    told = {
        "azienda__codice_fiscale": lambda code: code_for(code, user),
        "tipo": dict(Procedura.Tipo.choices).__getitem__,
        "province": ", ".join,
        "stato_oggi": dict(Procedura.Stato.choices).__getitem__,
    }
    how = [told.get(name) for name in FILE.values()]
    for row in rows.values_list(*FILE.values()).iterator(chunk_size=_CHUNK):
        yield [tell(value) if tell else value for tell, value in zip(how, row, strict=True)]


class ProcedureTable(Tabella):
    """The procedures that a person may see, each with its own visible sites."""

    caption = "Procedure"
    empty = "Nessuna procedura corrisponde alla ricerca."
    pratica = tables.Column(
        accessor="codice_pratica",
        verbose_name="Pratica",
        empty_values=(),
        order_by=("codice_pratica", "pk"),
    )
    azienda = tables.Column(
        accessor="azienda__denominazione",
        verbose_name="Azienda",
        attrs=LONG,
        order_by=("azienda__denominazione", "pk"),
    )
    tipo = tables.Column(accessor="get_tipo_display", order_by=("tipo", "linea_guida", "pk"))
    linea = tables.Column(accessor="linea_guida", verbose_name="Linea guida", orderable=False)
    avvio = DataColumn(accessor="data_avvio", verbose_name="Avvio", order_by=("data_avvio", "pk"))
    fine = DataColumn(
        accessor="data_fine", verbose_name="Fine", default="—", order_by=("data_fine", "pk")
    )
    province = tables.Column(orderable=False)
    unita = NumeroColumn(accessor="unita_viste", verbose_name="Unità", orderable=False)
    lavoratori = NumeroColumn(accessor="lavoratori_noti", orderable=False)
    stato = tables.Column(accessor="stato_oggi", order_by=("stato_oggi", "pk"))

    def render_pratica(self, record: Procedura) -> SafeString:
        number = record.codice_pratica or f"n. {record.pk}"
        label = format_html(' <span class="badge bg-secondary">{}</span>', ESEMPIO)
        return format_html(
            '<a href="{}">{}</a>{}',
            record.get_absolute_url(),
            number,
            label if record.esempio else "",
        )

    def value_pratica(self, record: Procedura) -> str:
        number = record.codice_pratica or f"n. {record.pk}"
        return f"{number} ({ESEMPIO})" if record.esempio else number

    def render_province(self, value: list[str]) -> str:
        return ", ".join(value)

    def render_lavoratori(self, record: Procedura, value: int) -> str:
        return _with_unknown(value, record.unita_non_note)

    def render_stato(self, record: Procedura, value: str) -> str:
        words = str(Procedura.Stato(value).label)
        return f"{words}, alta complessità" if record.alta_complessita else words


def _with_unknown(known: int, sites: int) -> str:
    if not sites:
        return money.number(known)
    return f"{money.number(known)} + n.d. ({sites} unità)"


class UnitaTable(Tabella):
    """The sites of one procedure."""

    caption = "Unità produttive"
    codice = tables.Column(verbose_name="Identificativo", orderable=False)
    comune = tables.Column(accessor="comune__nome", orderable=False, attrs=LONG)
    provincia = tables.Column(accessor="comune__provincia_id", orderable=False)
    lavoratori = NumeroColumn(orderable=False)
    presa_in_carico = DataColumn(
        accessor="presa_in_carico_il",
        verbose_name="Presa in carico il",
        orderable=False,
        default="da prendere in carico",
    )


class AvanzamentiTable(Tabella):
    """The active policies of the sites of one procedure, quarter by quarter."""

    caption = "Politiche attive per trimestre"
    empty = "Nessun dato PAL inserito per le unità visibili."
    trimestre = tables.Column(orderable=False)
    unita = tables.Column(orderable=False, verbose_name="Unità", attrs=LONG)
    sospesi = NumeroColumn(orderable=False)
    step1 = NumeroColumn(verbose_name="STEP 1", orderable=False)
    step2 = NumeroColumn(verbose_name="STEP 2", orderable=False)
    step3 = NumeroColumn(verbose_name="STEP 3", orderable=False)
    step4 = NumeroColumn(verbose_name="STEP 4", orderable=False)
    no_pal = NumeroColumn(verbose_name="NO PAL", orderable=False)
    motivo = tables.Column(
        accessor="motivo_esonero",
        verbose_name="Motivo dell'esonero",
        orderable=False,
        default="—",
        attrs=LONG,
    )
    strumenti = tables.Column(orderable=False, default="—", attrs=LONG)

    def render_trimestre(self, value: str) -> str:
        return Periodo.parse(value).nome

    def value_trimestre(self, value: str) -> str:
        return value

    def render_strumenti(self, record: AvanzamentoPAL, value: list[str]) -> str:
        names = [str(Strumento(each).label) for each in value]
        other = f" ({record.altro_strumento})" if record.altro_strumento else ""
        return ", ".join(names) + other
