"""What is not forbidden, yet wants a look: the checks of the crises, each with its code."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Abs, Cast, Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone

from crisi.models import AvanzamentoPAL, Procedura, UnitaProduttiva, VersioneProcedura
from crisi.models.pal import PASSI
from crisi.trimestri import last_quarter
from porfse import money
from porfse.models import User
from porfse.periods import Periodo, italian

GRAVITA = {"W301": "alta", "W302": "media", "W303": "alta", "W304": "media", "W305": "bassa"}
TITOLI = {
    "W301": "Passi ed esonerati oltre i lavoratori dell'unità",
    "W302": "Lavoratori cambiati di oltre la metà",
    "W303": "PAL su una procedura finita prima del trimestre",
    "W304": "Quota di attivazione in calo",
    "W305": "Unità fuori dalla provincia di chi ha inserito il dato",
}
# The workers of a site as a version of its procedure has them.
_WORKERS_THEN = Cast(
    Func(
        F("contenuto"),
        Value("$.unita[*] ? (@.id == $id).lavoratori"),
        JSONObject(id=OuterRef("pk")),
        function="jsonb_path_query_first",
        template="nullif(%(function)s(%(expressions)s), 'null')",
    ),
    IntegerField(),
)
_ORDER = ("alta", "media", "bassa")


@dataclass(frozen=True)
class Segnalazione:
    """Something to look at: of a site, or of a whole provincia (then `unita_id` is None)."""

    codice: str
    testo: str
    provincia: str
    trimestre: str
    unita_id: int | None = None
    procedura_id: int | None = None
    esempio: bool = False

    @property
    def gravita(self) -> str:
        """`alta`, `media` or `bassa`."""
        return GRAVITA[self.codice]

    @property
    def titolo(self) -> str:
        return TITOLI[self.codice]

    @property
    def url(self) -> str:
        """Where it is dealt with: the quarter of the nucleo."""
        return reverse("crisi:trimestre", args=[self.trimestre, self.provincia])


@dataclass(frozen=True)
class _Scope:
    """The rows that a person may see of a quarter, and which of them are asked for."""

    user: User
    trimestre: Periodo
    provincia: str | None

    def rows(self, *quarters: Periodo) -> QuerySet[AvanzamentoPAL]:
        """The rows in force of some quarters; those of withdrawn procedures are left out."""
        found = AvanzamentoPAL.objects.visible_to(self.user).in_force()
        if self.provincia is not None:
            found = found.filter(unita__comune__provincia=self.provincia)
        return found.filter(trimestre__in=map(str, quarters)).exclude(
            unita__procedura__stato=Procedura.Stato.RITIRATA
        )

    def reporting(self) -> QuerySet[UnitaProduttiva]:
        """The sites that the quarter asks for."""
        found = UnitaProduttiva.objects.visible_to(self.user).with_pal(self.trimestre)
        return found.filter(comune__provincia=self.provincia) if self.provincia else found


def segnalazioni(
    *, user: User, trimestre: Periodo | None = None, provincia: str | None = None
) -> list[Segnalazione]:
    """Return what wants a look in a quarter, the gravest first; three queries whatever there is.

    Args:
        user: sees what is in the person's scope, and nothing else.
        trimestre: the quarter that ended last, if it is not given.
        provincia: a sigla; every provincia of the scope, if it is not given.
    """
    scope = _Scope(user, trimestre or last_quarter(timezone.localdate()), provincia)
    found = [item for check in CHECKS for item in check(scope)]
    return sorted(found, key=_gravest_first)


def _gravest_first(item: Segnalazione) -> tuple[int, str, bool, str]:
    return _ORDER.index(item.gravita), item.codice, item.esempio, item.testo


def _told(scope: _Scope, code: str, site: UnitaProduttiva, words: str) -> Segnalazione:
    procedure = site.procedura
    return Segnalazione(
        codice=code,
        testo=f"{procedure.azienda}, unità {site}: {words}",
        provincia=site.comune.provincia_id,
        trimestre=str(scope.trimestre),
        unita_id=site.pk,
        procedura_id=procedure.pk,
        esempio=procedure.esempio,
    )


def _steps() -> Any:
    """The workers in a step, with those exempted; a number that is not known adds nothing."""
    first, *others = (Coalesce(F(name), 0) for name in PASSI)
    return sum(others, first)


@dataclass(frozen=True)
class _RowCheck:
    """A check of one row: when it is broken, in the database, and what is said of it."""

    codice: str
    quando: Q
    parole: Callable[[_Scope, Any], str]


def _over_workers(_: _Scope, row: Any) -> str:
    one = row.totale == 1
    counted = "c'è 1 lavoratore" if one else f"ci sono {money.number(row.totale)} lavoratori"
    return (
        f"nei passi e fra gli esonerati {counted}, l'unità ne ha"
        f" {money.number(row.unita.lavoratori)}."
    )


def _changed(scope: _Scope, row: Any) -> str:
    return (
        f"i sospesi erano {money.number(row.prima)} nel {scope.trimestre.precedente.nome},"
        f" ora sono {money.number(row.sospesi)}."
    )


def _ended(_: _Scope, row: Any) -> str:
    end = italian(row.unita.procedura.data_fine)
    return f"ha una riga di PAL, ma la procedura è finita il {end}."


def _outside(_: _Scope, row: Any) -> str:
    return f"i dati sono del Nucleo di {row.autore.provincia}, il comune è di un'altra provincia."


def _row_checks(trimestre: Periodo) -> tuple[_RowCheck, ...]:
    own = Q(autore__provincia=F("unita__comune__provincia"))
    return (
        _RowCheck("W301", Q(totale__gt=F("unita__lavoratori")), _over_workers),
        _RowCheck("W302", Q(cambio__gt=F("prima")), _changed),
        _RowCheck("W303", Q(unita__procedura__data_fine__lt=trimestre.inizio), _ended),
        # Who is of no nucleo loads for all.
        _RowCheck("W305", Q(autore__provincia__isnull=False) & ~own, _outside),
    )


def broken_rows(scope: _Scope) -> Iterator[Segnalazione]:
    """W301, W302, W303, W305: the rows of the quarter, each against what it must fit."""
    before = AvanzamentoPAL.objects.in_force().filter(
        unita=OuterRef("unita"), trimestre=str(scope.trimestre.precedente)
    )
    checks = _row_checks(scope.trimestre)
    rows = (
        scope.rows(scope.trimestre)
        .select_related("unita__comune", "unita__procedura__azienda", "autore__provincia")
        .annotate(totale=_steps(), prima=Subquery(before.values("sospesi")))
        .annotate(cambio=2 * Abs(F("sospesi") - F("prima")))
        .annotate(
            **{each.codice: ExpressionWrapper(each.quando, BooleanField()) for each in checks}
        )
        .filter(reduce(or_, (each.quando for each in checks)))
    )
    for row in rows:
        for each in checks:
            if getattr(row, each.codice):
                yield _told(scope, each.codice, row.unita, each.parole(scope, row))


def changed_sites(scope: _Scope) -> Iterator[Segnalazione]:
    """W302: the workers of a site, now against the version that stood as the quarter began."""
    versions = VersioneProcedura.objects.filter(procedura=OuterRef("procedura"))
    fresh = versions.filter(il__date__gte=scope.trimestre.inizio)
    before = versions.filter(il__date__lt=scope.trimestre.inizio).order_by("-versione")
    rows = (
        scope.reporting()
        .filter(Exists(fresh))
        .annotate(prima=Subquery(before.values(numero=_WORKERS_THEN)[:1]))
        .annotate(cambio=2 * Abs(F("lavoratori") - F("prima")))
        .filter(cambio__gt=F("prima"))
    )
    for site in rows.select_related("comune", "procedura__azienda"):
        yield _told(
            scope,
            "W302",
            site,
            f"i lavoratori dell'unità erano {money.number(site.prima)} all'inizio del"
            f" {scope.trimestre.nome}, ora sono {money.number(site.lavoratori)}.",
        )


def falling_share(scope: _Scope) -> Iterator[Segnalazione]:
    """W304: STEP 4 over suspended workers of a provincia, against the quarter before."""
    shares: dict[tuple[str, bool], dict[str, Decimal]] = defaultdict(dict)
    before, now = str(scope.trimestre.precedente), str(scope.trimestre)
    sums = (
        scope.rows(scope.trimestre.precedente, scope.trimestre)
        .filter(sospesi__gt=0, step4__isnull=False)
        .order_by()
        .values_list("unita__comune__provincia", "unita__procedura__esempio", "trimestre")
        .annotate(Sum("step4"), Sum("sospesi"))
    )
    for sigla, example, quarter, active, suspended in sums:
        shares[sigla, example][quarter] = money.half_up(100 * Decimal(active) / suspended, 1)
    for (sigla, example), found in sorted(shares.items()):
        if before in found and now in found and found[now] < found[before]:
            yield Segnalazione(
                codice="W304",
                testo=f"Provincia {sigla}: la quota di lavoratori attivati (STEP 4 sui sospesi)"
                f" scende dal {money.percento(found[before])} al"
                f" {money.percento(found[now])}.",
                provincia=sigla,
                trimestre=now,
                esempio=example,
            )


CHECKS: tuple[Callable[[_Scope], Iterator[Segnalazione]], ...] = (
    broken_rows,
    changed_sites,
    falling_share,
)
