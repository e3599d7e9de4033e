"""The open high-complexity procedures, each with what was last heard of it."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DateField, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Greatest, JSONObject, TruncDate

from crisi.models import (
    AvanzamentoPAL,
    Nota,
    Procedura,
    Seguito,
    Tavolo,
    UnitaProduttiva,
    VersioneProcedura,
)
from crisi.models.pal import PASSI
from crisi.stato import open_on
from porfse.models import User
from porfse.periods import Periodo

_THIS = OuterRef("pk")


def stale_before(oggi: date) -> date:
    """Return the first day that is recent enough: what was last touched before it is stale."""
    return oggi - timedelta(days=settings.CRISI_GIORNI_SENZA_NOVITA)


def hard_cases(user: User, oggi: date) -> QuerySet[Procedura]:
    """Return the cases with the day on which each was last touched (`ultimo`), the oldest first.

    A version of the procedure, a note, a row of PAL, or a meeting that was held.
    """
    versions = VersioneProcedura.objects.filter(procedura=_THIS).order_by("-versione")
    notes = Nota.objects.filter(procedura=_THIS).order_by("-il")
    reports = AvanzamentoPAL.objects.filter(unita__procedura=_THIS).order_by()
    held = Tavolo.objects.filter(procedure=_THIS, data__lte=oggi).order_by("-data")
    latest = reports.values("unita__procedura").annotate(il=Max("inserito_il")).values("il")
    # The greatest of what is there: the database leaves out what is not.
    touched = Greatest(
        TruncDate("inserita_il"),
        TruncDate(Subquery(versions.values("il")[:1])),
        TruncDate(Subquery(notes.values("il")[:1])),
        TruncDate(Subquery(latest)),
        Subquery(held.values("data")[:1]),
        output_field=DateField(),
    )
    return (
        Procedura.objects.visible_to(user)
        .filter(open_on(oggi), alta_complessita=True)
        .select_related("azienda")
        .annotate(ultimo=touched)
        .order_by("ultimo", "pk")
    )


def with_facts(rows: QuerySet[Procedura], trimestre: Periodo, oggi: date) -> QuerySet[Procedura]:
    """Add to each case what a line of the cruscotto tells.

    `province`, `siti`, `lavoratori` (of the sites that have a number), `non_note` (sites without);
    `pal`, `nota`, `prossimo` and `seguiti` as JSON, None where there is nothing.

    Args:
        trimestre: whose rows of active policies are added up.
    """
    sites = UnitaProduttiva.objects.filter(procedura=_THIS).order_by()
    grouped = sites.values("procedura")
    return rows.annotate(
        province=ArraySubquery(
            sites.order_by("comune__provincia").values("comune__provincia").distinct()
        ),
        siti=Subquery(grouped.annotate(n=Count("pk")).values("n")),
        lavoratori=Subquery(grouped.annotate(n=Sum("lavoratori")).values("n")),
        non_note=Subquery(grouped.annotate(n=Count("pk") - Count("lavoratori")).values("n")),
        pal=Subquery(_reported(trimestre)),
        nota=Subquery(_last_note()),
        prossimo=Subquery(_next_meeting(oggi)),
        seguiti=Subquery(_left_to_do(oggi)),
    )


def _reported(trimestre: Periodo) -> QuerySet:
    rows = AvanzamentoPAL.objects.in_force().filter(
        unita__procedura=_THIS, trimestre=str(trimestre)
    )
    sums = {name: Sum(name) for name in ("sospesi", *PASSI)}
    grouped = rows.order_by().values("unita__procedura")
    return grouped.annotate(detto=JSONObject(**sums)).values("detto")


def _last_note() -> QuerySet:
    told = JSONObject(
        testo="testo",
        il=TruncDate("il"),
        nome="autore__first_name",
        cognome="autore__last_name",
        utente="autore__username",
    )
    rows = Nota.objects.filter(procedura=_THIS).order_by("-il", "-pk")
    return rows.annotate(detto=told).values("detto")[:1]


def _next_meeting(oggi: date) -> QuerySet:
    rows = Tavolo.objects.filter(procedure=_THIS, data__gte=oggi).order_by("data", "pk")
    return rows.annotate(detto=JSONObject(pk="pk", data="data")).values("detto")[:1]


def _left_to_do(oggi: date) -> QuerySet:
    rows = Seguito.objects.filter(tavolo__procedure=_THIS, fatto_il=None).order_by()
    told = JSONObject(
        aperti=Count("pk"), scaduti=Count("pk", filter=Q(entro__lt=oggi)), primo=Min("entro")
    )
    return rows.values(procedura=F("tavolo__procedure")).annotate(detto=told).values("detto")
