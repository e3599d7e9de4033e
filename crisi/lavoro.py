"""What a nucleo has to do: sites to take charge of, the quarter, the next dates."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from crisi.models import (
    AvanzamentoPAL,
    MonitoraggioTrimestrale,
    PassaggioTrimestre,
    Procedura,
    Seguito,
    Tavolo,
    UnitaProduttiva,
)
from crisi.stato import open_on
from crisi.trimestri import Copertura, sites_of
from porfse.models import User
from porfse.periods import Periodo, italian

ENDING = 60  # days ahead in which the end of a procedure is worth a line
RECENT = 30  # days in which a presa in carico may still have been a slip
_MONTHS = 2  # of the bimestrale


@dataclass(frozen=True)
class Trimestre:
    """A quarter that the nucleo has in hand.

    Attributes:
        copertura: the sites that it asks for, and how many have a row.
        motivo: why it came back, if it did.
    """

    monitoraggio: MonitoraggioTrimestrale
    copertura: Copertura
    motivo: str
    oggi: date

    @property
    def attese(self) -> int:
        """Sites that count for it: the examples, if there are no others."""
        cover = self.copertura
        return cover.esempi if cover.di_esempio else cover.attese

    @property
    def mancanti(self) -> int:
        """Those of them without a row."""
        return self.copertura.mancanti

    @property
    def esempio(self) -> bool:
        return self.copertura.di_esempio

    @property
    def ritardo(self) -> int:
        """Days after the term; only what was never sent is late."""
        sent = self.monitoraggio.trasmesso_il is not None
        return 0 if sent else max((self.oggi - self.monitoraggio.entro).days, 0)

    @property
    def note(self) -> str:
        """What the nucleo must know of it, in words; empty if there is nothing."""
        reopened = self.monitoraggio.riaperto_fino_al
        late = "1 giorno" if self.ritardo == 1 else f"{self.ritardo} giorni"
        found = (
            f"restituito: {self.motivo}" if self.motivo else "",
            f"in ritardo di {late}" if self.ritardo else "",
            f"riaperto fino al {italian(reopened)}" if reopened else "",
            "unità di esempio" if self.esempio else "",
        )
        return "; ".join(filter(None, found))


@dataclass(frozen=True)
class Scadenza:
    """A day to remember, what it is of, and where it is dealt with."""

    data: date
    tipo: str
    cosa: str
    url: str
    giorni: int
    esempio: bool = False


def own_sites(sigla: str, user: User) -> QuerySet[UnitaProduttiva]:
    """The sites of a provincia that the person may see, with what a line of theirs shows."""
    found = UnitaProduttiva.objects.visible_to(user).filter(comune__provincia=sigla)
    return found.select_related("comune", "procedura__azienda", "presa_in_carico_da")


def charge(
    sigla: str, user: User, oggi: date
) -> tuple[list[UnitaProduttiva], list[UnitaProduttiva]]:
    """Return the sites to take charge of, and those taken of late; one query."""
    waiting = open_on(oggi, "procedura__") & Q(presa_in_carico_il=None)
    recent = Q(presa_in_carico_il__gte=oggi - timedelta(days=RECENT))
    rows = own_sites(sigla, user).filter(waiting | recent)
    ordered = list(rows.order_by("procedura__data_avvio", "procedura", "codice"))
    taken = [site for site in ordered if site.presa_in_carico_il]
    taken.sort(key=lambda site: site.presa_in_carico_il, reverse=True)
    return [site for site in ordered if site.presa_in_carico_il is None], taken


def new_ones(sigla: str, user: User, since: date) -> QuerySet[Procedura]:
    """Procedures begun or entered since a day, with their sites of the provincia."""
    here = Q(unita__comune__provincia=sigla)
    fresh = Q(data_avvio__gte=since) | Q(inserita_il__date__gte=since)
    return (
        Procedura.objects.visible_to(user)
        .counted()
        .filter(fresh, here)
        .select_related("azienda")
        .annotate(
            siti=Count("unita"),
            lavoratori=Sum("unita__lavoratori"),
            noti=Count("unita__lavoratori"),
        )
        .order_by("-data_avvio", "-pk")
    )


def quarters(sigla: str, user: User, oggi: date) -> list[Trimestre]:
    """Return the quarters that are not approved, or are open again; two queries."""
    returned = PassaggioTrimestre.objects.filter(
        monitoraggio=OuterRef("pk"), a=MonitoraggioTrimestrale.Stato.RESTITUITO
    ).order_by("-pk")
    found = list(
        MonitoraggioTrimestrale.objects.visible_to(user)
        .filter(
            ~Q(stato=MonitoraggioTrimestrale.Stato.VALIDATO) | Q(riaperto_fino_al__gte=oggi),
            provincia=sigla,
        )
        .select_related("provincia")
        .annotate(motivo=Subquery(returned.values("motivo")[:1]))
        .order_by("trimestre")
    )
    cover = _counted(found)
    return [
        Trimestre(
            each,
            cover.get(each.trimestre, Copertura()),
            each.motivo if each.stato == each.Stato.RESTITUITO else "",
            oggi,
        )
        for each in found
    ]


def _counted(found: Sequence[MonitoraggioTrimestrale]) -> dict[str, Copertura]:
    """Sites asked for and sites that have a row, by quarter; one query."""
    parts = []
    for each in found:
        rows = AvanzamentoPAL.objects.in_force().filter(
            unita=OuterRef("pk"), trimestre=each.trimestre
        )
        sites = sites_of(each).order_by()
        columns = (Value(each.trimestre), "procedura__esempio", Exists(rows))
        parts.append(sites.values_list(*columns))
    if not parts:
        return {}
    sites_by: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for quarter, example, reported in parts[0].union(*parts[1:], all=True):
        sites_by[quarter].append((example, reported))
    return {quarter: Copertura.of(sites) for quarter, sites in sites_by.items()}


def dates(sigla: str, user: User, oggi: date, in_hand: Sequence[Trimestre]) -> list[Scadenza]:
    """Return the next dates of a provincia and those gone by with work left; one query.

    Args:
        in_hand: the quarters, whose terms are among the dates.
    """
    parts = (_meetings(sigla, user, oggi), _follow_ups(sigla, user), _endings(sigla, user, oggi))
    first, *others = parts
    found = [
        Scadenza(day, kind, what, _where(kind, key), (day - oggi).days, example)
        for kind, day, what, key, example in first.union(*others, all=True)
    ]
    for each in in_hand:
        quarter = each.monitoraggio
        if quarter.modificabile(oggi):
            term = quarter.riaperto_fino_al or quarter.entro
            words = f"{quarter.periodo.nome}: {quarter.get_stato_display()}"
            url = quarter.get_absolute_url()
            found.append(Scadenza(term, "Trimestre", words, url, (term - oggi).days))
    return sorted(found, key=lambda each: (each.data, each.tipo, each.cosa))


def _where(kind: str, key: int) -> str:
    return reverse("crisi:procedura" if kind == _END else "crisi:tavolo", args=[key])


_MEETING, _FOLLOW_UP, _END = "Tavolo", "Seguito", "Fine procedura"


def _columns(rows: QuerySet, kind: str, *columns: object) -> QuerySet:
    """Day, words, key and whether it is an example: alike, so that one query reads them all."""
    day, what, key, example = columns
    return rows.order_by().values_list(
        Value(kind, CharField()), Cast(day, DateField()), Cast(what, CharField()), key, example
    )


def _meetings(sigla: str, user: User, oggi: date) -> QuerySet:
    rows = Tavolo.objects.visible_to(user).filter(data__gte=oggi).filter(meeting_of(sigla))
    kind = Case(
        *(When(tipo=value, then=Value(f"{label}: ")) for value, label in Tavolo.Tipo.choices),
        output_field=CharField(),
    )
    return _columns(rows, _MEETING, "data", Concat(kind, "oggetto"), "pk", "esempio")


def meeting_of(sigla: str) -> Q:
    """Those that concern a provincia: the regional ones, and its own."""
    own = Tavolo.province.through.objects.filter(provincia=sigla).values("tavolo")
    return Q(tipo=Tavolo.Tipo.REGIONALE) | Q(pk__in=own)


def _follow_ups(sigla: str, user: User) -> QuerySet:
    rows = Seguito.objects.filter(
        tavolo__in=Tavolo.objects.visible_to(user), provincia=sigla, fatto_il=None
    )
    return _columns(rows, _FOLLOW_UP, "entro", "descrizione", "tavolo_id", "tavolo__esempio")


def _endings(sigla: str, user: User, oggi: date) -> QuerySet:
    rows = (
        Procedura.objects.visible_to(user)
        .with_site_in(sigla)
        .filter(stato=Procedura.Stato.APERTA, data_fine__lte=oggi + timedelta(days=ENDING))
    )
    return _columns(rows, _END, "data_fine", "azienda__denominazione", "pk", "esempio")


def new_since(oggi: date) -> date:
    """Return since when a procedure is new: the first day of the two months before these.

    The bimestrale is written after its two months: on the first day of the next ones all that it
    tells of must still be here.
    """
    return Periodo.of(oggi, _MONTHS).precedente.inizio


def by_provincia(user: User, oggi: date) -> dict[str, tuple[int, int]]:
    """Return, of each provincia, the sites to take charge of and the new procedures."""
    since = new_since(oggi)
    fresh = Q(procedura__data_avvio__gte=since) | Q(procedura__inserita_il__date__gte=since)
    rows = (
        UnitaProduttiva.objects.visible_to(user)
        .exclude(procedura__stato=Procedura.Stato.RITIRATA)
        .order_by()
        .values_list("comune__provincia")
        .annotate(
            carico=Count(
                "pk",
                filter=open_on(oggi, "procedura__") & Q(presa_in_carico_il=None),
            ),
            nuove=Count("procedura", filter=fresh, distinct=True),
        )
    )
    return {sigla: (waiting, new) for sigla, waiting, new in rows}
