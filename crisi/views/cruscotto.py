"""The cruscotto of the high-complexity cases, for the Region."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crisi.complesse import hard_cases, stale_before, with_facts
from crisi.filters_complesse import ComplesseFilter
from crisi.tables.cruscotto import ComplesseTable
from crisi.trimestri import last_quarter
from crisi.views.access import trail
from porfse.tables import respond
from programme.filters import filtered

PERMISSION = "crisi.view_cruscotto"


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def cruscotto(request: HttpRequest) -> HttpResponse:
    """Every open case with what was last heard of it, those left alone first."""
    oggi = timezone.localdate()
    narrowed = ComplesseFilter(request.GET, hard_cases(request.user, oggi), oggi=oggi)
    rows = filtered(narrowed)
    quarter = narrowed.form.cleaned_data["trimestre"] or last_quarter(oggi)
    counts = rows.order_by().aggregate(
        tutte=Count("pk", filter=Q(esempio=False)),
        ferme=Count("pk", filter=Q(esempio=False, ultimo__lt=stale_before(oggi))),
        esempi=Count("pk", filter=Q(esempio=True)),
    )
    context = {
        "titolo": "Casi ad alta complessità",
        "filtro": narrowed,
        "conteggi": counts,
        "giorni": settings.CRISI_GIORNI_SENZA_NOVITA,
        "trimestre": quarter.nome,
        "dati_esempio": counts["esempi"] > 0,
        "briciole": trail(("Casi complessi", "")),
    }
    table = ComplesseTable(with_facts(rows, quarter, oggi), oggi=oggi, trimestre=quarter)
    if "casi-formato" in request.GET:  # a file has room for what the page says in words
        for column in table.columns:
            column.column.visible = True
    return respond(request, "crisi/cruscotto.html", context, {"casi": table})
