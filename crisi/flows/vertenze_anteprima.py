"""What a flow of procedures will change, shown before anybody decides."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crisi.flows import parole
from crisi.flows.confronto import Confronto
from crisi.flows.noti import DOPPIONE
from crisi.models import Procedura
from crisi.trimestri import quarter
from porfse.flows.source import Elenco

SHOWN = 50  # rows of a list
_NEW = """
    SELECT s.codice_pratica, s.denominazione_azienda, {kind_sent},
        to_char(s.data_avvio, 'DD.MM.YYYY'),
        (SELECT count(*) FROM {stage} u WHERE u.codice_pratica = s.codice_pratica)::text
    FROM {pratiche} s WHERE NOT EXISTS (
        SELECT FROM {noti} k WHERE k.codice_pratica = s.codice_pratica
    ) ORDER BY 1
"""
_TWINS = """
    SELECT codice_pratica, archivio, {choice} FROM ({different}) d
    WHERE starts_with(campo, '{doppione}') ORDER BY 1, 2
"""
# Not in words yet: `_in_words` tells the field and both values.
_CHANGED = """
    SELECT codice_pratica, id_unita, campo, {archivio}, {flusso},
        CASE WHEN a_mano THEN 'da decidere: inserito a mano' ELSE 'prende il dato del flusso' END
    FROM ({different}) d WHERE campo <> 'unita' AND NOT starts_with(campo, '{doppione}')
    ORDER BY codice_pratica, id_unita, campo
"""
_PLACE = """
    CASE WHEN campo = 'comune' THEN (
        SELECT nome || ' (' || provincia_id || ')' FROM porfse_comune WHERE codice_istat = {0}
    ) ELSE {0} END
"""
_CHOICE = """
    coalesce((
        SELECT CASE c.scelta WHEN 'flusso' THEN '{1}' WHEN 'archivio' THEN '{0}' END
        FROM crisi_conflitto c WHERE c.flusso_id = {{flow}} AND c.campo = d.campo
            AND c.codice_pratica = d.codice_pratica AND c.id_unita = d.id_unita
    ), 'da decidere')
"""
_NEW_SITES = """
    SELECT f.codice_pratica, f.id_unita, c.nome || ' (' || c.provincia_id || ')',
        coalesce(f.lavoratori::text, 'n.d.')
    FROM ({sites}) f JOIN porfse_comune c ON c.codice_istat = f.comune_id
    WHERE f.id IS NULL AND f.procedura_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ({different}) d WHERE d.campo = 'unita'
            AND d.codice_pratica = f.codice_pratica AND d.id_unita = f.id_unita
    ) ORDER BY 1, 2
"""
_REMOVED = """
    SELECT d.codice_pratica, d.id_unita, c.nome || ' (' || c.provincia_id || ')', {choice_site}
    FROM ({different}) d JOIN porfse_comune c ON c.codice_istat = d.flusso
    WHERE d.campo = 'unita' ORDER BY 1, 2
"""
_CLOSED = """
    SELECT f.codice_pratica, f.trimestre, pr.nome
    FROM {chiuse} f JOIN porfse_provincia pr ON pr.sigla = f.provincia ORDER BY 1, 2, 3
"""
_MOVED = """
    SELECT d.codice_pratica, d.id_unita, o.nome || ' (' || o.provincia_id || ')',
        n.nome || ' (' || n.provincia_id || ')'
    FROM ({different}) d
    JOIN porfse_comune o ON o.codice_istat = d.archivio
    JOIN porfse_comune n ON n.codice_istat = d.flusso
    WHERE d.campo = 'comune' AND o.provincia_id <> n.provincia_id ORDER BY 1, 2
"""
_NOT_SENT = """
    SELECT k.codice_pratica, u.codice, c.nome || ' (' || c.provincia_id || ')',
        coalesce(u.lavoratori::text, 'n.d.')
    FROM {noti} k
    JOIN crisi_procedura p ON p.id = k.procedura_id AND p.stato <> 'ritirata'
    JOIN {unita_note} x ON x.codice_pratica = k.codice_pratica
    JOIN crisi_unitaproduttiva u ON u.id = x.unita_id
    JOIN porfse_comune c ON c.codice_istat = u.comune_id
    WHERE NOT EXISTS (
        SELECT FROM {stage} r WHERE r.codice_pratica = x.codice_pratica AND r.id_unita = x.id_unita
    ) ORDER BY 1, 2
"""
_MISSING = """
    SELECT p.codice_pratica, a.denominazione, {kind_stored}, to_char(p.data_avvio, 'DD.MM.YYYY')
    FROM crisi_procedura p JOIN porfse_azienda a ON a.id = p.azienda_id
    WHERE p.esempio = {esempio} AND p.stato = 'aperta' AND p.codice_pratica <> ''
        AND NOT EXISTS (
            SELECT FROM {pratiche} s WHERE s.codice_pratica = p.codice_pratica
        ) AND NOT EXISTS (SELECT FROM {noti} k WHERE k.procedura_id = p.id) ORDER BY 1
"""
_WITHDRAWN = """
    SELECT p.codice_pratica, s.denominazione_azienda
    FROM {pratiche} s
    JOIN {noti} k ON k.codice_pratica = s.codice_pratica
    JOIN crisi_procedura p ON p.id = k.procedura_id AND p.stato = 'ritirata' ORDER BY 1
"""
_NAMES = """
    SELECT s.codice_pratica, a.denominazione, s.denominazione_azienda
    FROM {pratiche} s
    JOIN porfse_azienda a ON a.codice_fiscale = s.codice_fiscale_azienda AND a.esempio = {esempio}
    WHERE a.denominazione <> s.denominazione_azienda ORDER BY 1
"""
_LISTS: Sequence[tuple[str, str, str, tuple[str, ...]]] = (
    (
        _NEW,
        "Pratiche nuove",
        "Non sono in archivio: acquisendo il flusso si aggiungono.",
        ("Pratica", "Azienda", "Tipo", "Avvio", "Unità"),
    ),
    (
        _TWINS,
        "Possibili doppioni",
        (
            "Pratiche che non sono in archivio con questo numero e somigliano a una procedura che"
            " c'è. Si decide nella pagina dei conflitti: se è la stessa, prende il numero del"
            " flusso e non se ne aggiunge un'altra."
        ),
        ("Pratica", "Procedura in archivio", "Decisione"),
    ),
    (
        _CLOSED,
        "Pratiche che cambierebbero un trimestre chiuso",
        (
            "Restano per intero come sono in archivio, perché i dati PAL di un trimestre trasmesso"
            " o validato non cambino. Se il dato del flusso è quello giusto, far riaprire il"
            " trimestre e ripetere la validazione."
        ),
        ("Pratica", "Trimestre", "Provincia"),
    ),
    (
        _CHANGED,
        "Dati che cambiano",
        (
            "Il flusso li descrive in modo diverso dall'archivio. Quelli inseriti a mano non"
            " cambiano senza una decisione."
        ),
        ("Pratica", "Unità", "Dato", "In archivio", "Nel flusso", "Acquisendo"),
    ),
    (
        _NEW_SITES,
        "Unità nuove in pratiche già note",
        "Non sono in archivio: acquisendo il flusso si aggiungono alla pratica.",
        ("Pratica", "Unità", "Comune", "Lavoratori"),
    ),
    (
        _REMOVED,
        "Unità tolte a mano che il flusso riporta",
        (
            "Qualcuno le ha tolte dalla pratica: nella pagina dei conflitti si decide se rimetterle"
            " o lasciarle fuori."
        ),
        ("Pratica", "Unità", "Comune nel flusso", "Decisione"),
    ),
    (
        _MOVED,
        "Unità che passano a un'altra provincia",
        (
            "Il comune è cambiato: l'unità esce dai dati del Nucleo di oggi ed entra in quelli"
            " dell'altro."
        ),
        ("Pratica", "Unità", "Comune oggi", "Comune nel flusso"),
    ),
    (
        _NOT_SENT,
        "Unità non trasmesse",
        (
            "Sono in archivio in pratiche del flusso, ma il flusso non le riporta: restano come"
            " sono. Se un'unità compare con un altro identificativo, il Nucleo tolga quella doppia."
        ),
        ("Pratica", "Unità", "Comune", "Lavoratori"),
    ),
    (
        _MISSING,
        "Pratiche aperte non trasmesse",
        "Sono aperte in archivio e il flusso non le riporta: restano come sono.",
        ("Pratica", "Azienda", "Tipo", "Avvio"),
    ),
    (
        _WITHDRAWN,
        "Pratiche ritirate in archivio",
        (
            "Qualcuno le ha ritirate: le righe del flusso sono accettate ma non le modificano."
            " Per aggiornarle, il Nucleo le riapra e poi si ripeta la validazione."
        ),
        ("Pratica", "Azienda"),
    ),
    (
        _NAMES,
        "Aziende già note con un altro nome",
        "Resta la denominazione in archivio.",
        ("Pratica", "In archivio", "Nel flusso"),
    ),
)


def lists(comparison: Confronto) -> list[Elenco]:
    """Return what is new, what changes, what was not sent; lists without rows are left out."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for place, _, cells, total in comparison.stage.execute(_all_lists(comparison)):
        found.setdefault(place, []).append((cells, total))
    return [_list(place, rows) for place, rows in found.items()]


def _all_lists(comparison: Confronto) -> str:
    """SQL of the first rows of every list at once: list, place in it, cells, how many in all."""
    names = {
        "different": "SELECT * FROM diverse",
        "sites": "SELECT * FROM unita",
        "archivio": _PLACE.format("archivio"),
        "flusso": _PLACE.format("flusso"),
        "kind_sent": _kind("s.tipo"),
        "kind_stored": _kind("p.tipo"),
        "choice": _choice(comparison, DOPPIONE),
        "choice_site": _choice(comparison, "unita"),
    }
    parts = []
    for place, (sql, _, _, columns) in enumerate(_LISTS):
        cells = [f"c{number}" for number in range(len(columns))]
        texts = ", ".join(f"{cell}::text" for cell in cells)
        parts.append(
            f"(SELECT {place} AS lista, row_number() OVER () AS posto, ARRAY[{texts}] AS celle,"  # noqa: S608
            f" count(*) OVER () AS totale FROM ({comparison.sql(sql, **names)})"
            f" righe ({', '.join(cells)}) LIMIT {SHOWN})"
        )
    given = f"diverse AS ({comparison.different}), unita AS ({comparison.final_sites})"
    return f"WITH {given} {' UNION ALL '.join(parts)} ORDER BY 1, 2"


def _list(place: int, rows: Sequence[tuple[Any, ...]]) -> Elenco:
    sql, title, words, columns = _LISTS[place]
    told = _TOLD.get(sql, tuple)
    return Elenco(title, words, columns, [told(cells) for cells, _ in rows], rows[0][1])


def _kind(column: str) -> str:
    names = " ".join(f"WHEN '{kind.value}' THEN '{kind.label}'" for kind in Procedura.Tipo)
    return f"CASE {column} {names} END"


def _choice(comparison: Confronto, campo: str) -> str:
    return comparison.sql(_CHOICE.format(*(label for _, label in parole.choices(campo))))


def _in_words(row: Sequence[Any]) -> tuple[str, ...]:
    pratica, unit, campo, stored, sent, taken = row
    words = parole.told(campo, stored), parole.told(campo, sent)
    return pratica, unit, parole.field(campo), *words, taken


def _with_quarter(row: Sequence[Any]) -> tuple[str, ...]:
    pratica, trimestre, provincia = row
    return pratica, quarter(trimestre).nome, provincia


_TOLD: Mapping[str, Callable[[Sequence[Any]], tuple[str, ...]]] = {
    _CHANGED: _in_words,
    _CLOSED: _with_quarter,
}
