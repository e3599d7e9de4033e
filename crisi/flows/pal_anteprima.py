"""What a PAL flow will change, and which quarters it is about, shown before anybody decides."""

from django.utils import timezone

from crisi.flows import parole
from crisi.flows.pal_controlli import resolved
from crisi.models import Conflitto, MonitoraggioTrimestrale
from crisi.trimestri import chiuso, quarter
from porfse.flows.source import Change, Elenco
from porfse.flows.stage import Stage
from porfse.periods import italian

SHOWN = 50  # rows of a list
_ACTIVE = """
    WITH righe AS ({resolved})
    SELECT r.trimestre, pr.nome,
        (
            SELECT sum(a.step4) FROM crisi_avanzamentopal a
            JOIN crisi_unitaproduttiva u ON u.id = a.unita_id
            JOIN crisi_procedura p ON p.id = u.procedura_id AND p.esempio = {esempio}
                AND p.stato <> 'ritirata'
            JOIN porfse_comune c ON c.codice_istat = u.comune_id AND c.provincia_id = r.sigla
            WHERE a.sostituito_il IS NULL AND a.trimestre = r.trimestre
        ) AS oggi,
        sum(r.step4) AS flusso,
        sum(v.step4) AS sostituiti
    FROM righe r JOIN porfse_provincia pr ON pr.sigla = r.sigla
    LEFT JOIN crisi_avanzamentopal v ON v.unita_id = r.unita_id AND v.trimestre = r.trimestre
        AND v.sostituito_il IS NULL
    GROUP BY r.trimestre, r.sigla, pr.nome ORDER BY 1, 2
"""
_QUARTERS = """
    SELECT trimestre, provincia, count(*) FROM (
        SELECT trimestre, provincia FROM {stage}
        UNION ALL
        SELECT campi[2], campi[1] FROM porfse_flowrow
        WHERE flusso_id = %s AND 'E026' = ANY(codici)
    ) righe GROUP BY 1, 2 ORDER BY 1, 2
"""


def active(stage: Stage) -> list[Change]:
    """Return the workers in STEP 4 of each quarter and provincia: now, sent, as they will be."""
    esempio = "true" if stage.flow.esempio else "false"
    rows = stage.execute(_ACTIVE.format(resolved=resolved(stage), esempio=esempio))
    return [
        {
            "voce": f"STEP 4, {quarter(trimestre).nome}, {name}",
            "oggi": now,
            "flusso": sent,
            "dopo": (now or 0) - (replaced or 0) + sent,
        }
        for trimestre, name, now, sent, replaced in rows
    ]


def lists(stage: Stage) -> list[Elenco]:
    """Return the quarters of the flow, and what a person entered and it says otherwise."""
    return [*_quarters(stage), *_by_hand(stage)]


def _by_hand(stage: Stage) -> list[Elenco]:
    items = Conflitto.objects.filter(flusso=stage.flow)
    lines = [
        (
            item.codice_pratica,
            item.id_unita,
            quarter(item.campo).nome,
            item.in_archivio,
            item.nel_flusso,
            dict(parole.choices(item.campo)).get(item.scelta, "da decidere"),
        )
        for item in items[:SHOWN]
    ]
    if not lines:
        return []
    words = (
        "Sono in vigore, e il flusso le riporta in modo diverso: nella pagina dei conflitti si"
        " decide quale vale."
    )
    columns = ("Pratica", "Unità", "Trimestre", "In archivio", "Nel flusso", "Decisione")
    return [Elenco("Righe inserite a mano", words, columns, lines, items.count())]


def _quarters(stage: Stage) -> list[Elenco]:
    """The quarters: until when each may be changed, or why it may not."""
    rows = stage.execute(_QUARTERS.format(stage=stage.table), [stage.flow.pk])
    keys = {(trimestre, sigla) for trimestre, sigla, _ in rows}
    found = MonitoraggioTrimestrale.objects.filter(trimestre__in={key[0] for key in keys})
    known = {(item.trimestre, item.provincia_id): item for item in found}
    lines = [
        (trimestre, sigla, str(count), _state(known.get((trimestre, sigla))))
        for trimestre, sigla, count in rows
    ]
    if not lines:
        return []
    words = "Le righe di un trimestre che non si può modificare sono in errore (E026)."
    columns = ("Trimestre", "Provincia", "Righe", "Si può modificare")
    return [Elenco("Trimestri del flusso", words, columns, lines, len(lines))]


def _state(monitoraggio: MonitoraggioTrimestrale | None) -> str:
    if monitoraggio is None:
        return "No: non è aperto. Lo apre l'Autorità di Gestione alla fine del trimestre."
    closed = chiuso(monitoraggio, timezone.localdate())
    if closed:
        return f"No. {closed}"
    if monitoraggio.riaperto_fino_al:
        return f"Sì, riaperto fino al {italian(monitoraggio.riaperto_fino_al)} compreso."
    return f"Sì, fino alla trasmissione (entro il {italian(monitoraggio.entro)})."
