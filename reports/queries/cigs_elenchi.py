"""The lists of the two-monthly report on the CIGS: procedures that changed, and every site."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from porfse.periods import italian
from reports.celle import riga
from reports.documento import TRATTINO, Cella, Colonna, Forma, Tabella
from reports.queries.cigs import Bimestre
from reports.queries.cigs_siti import Sito, Somma
from reports.queries.cigs_tabelle import cella, tabella, totale

N, D = Forma.NUMERO, Forma.DATA
NOT_TAKEN = Cella(stampato="da prendere")
_SUMS = ("unita", "lavoratori", "non_noti")
_SITES = (
    Colonna("unita", "Unità", N, somma=True),
    Colonna("lavoratori", "Lavoratori", N, somma=True),
    Colonna("non_noti", "Non noti (unità)", N, somma=True),
)
_COMPANY = (
    Colonna("pratica", "Pratica"),
    Colonna("azienda", "Azienda"),
    Colonna("tipo", "Tipo"),
)
_DAYS = (Colonna("avvio", "Dal", D), Colonna("fine", "Al", D))
_BEGUN = (*_COMPANY, Colonna("causale", "Causale"), *_DAYS, Colonna("luoghi", "Comuni"), *_SITES)
_EXTENDED = (
    *_COMPANY,
    Colonna("fine_prima", "Fine precedente", D),
    Colonna("fine_dopo", "Nuova fine", D),
    Colonna("registrata", "Registrata il", D),
    Colonna("luoghi", "Comuni"),
    *_SITES,
)
_LATE = (*_COMPANY, Colonna("motivo", "Motivo"), *_DAYS, Colonna("luoghi", "Comuni"), *_SITES)
_GONE = (
    *_COMPANY,
    Colonna("motivo", "Motivo"),
    Colonna("avvio", "Dal", D, gruppo="Nel report precedente"),
    Colonna("fine", "Al", D, gruppo="Nel report precedente"),
    Colonna("luoghi", "Comuni"),
    *_SITES,
)
_NO_SITES = "senza unità nel territorio"
Values = dict[str, Any]


def nuove(letto: Bimestre) -> Tabella:
    """The procedures that began in the two months."""
    rows = [(siti, _days(siti)) for siti in letto.nuove]
    return _procedures(
        letto, "nuove", "Procedure avviate nel bimestre", _BEGUN, rows,
        vuota="Nessuna procedura avviata nel bimestre.",
    )  # fmt: skip


def ritardi(letto: Bimestre) -> Tabella:
    """The procedures that began before, and that the report before could not tell of."""
    rows = [(siti, _days(siti) | {"motivo": _why_late(letto, siti[0])}) for siti in letto.ritardi]
    return _procedures(
        letto, "ritardi", "Registrate in ritardo", _LATE, rows,
        vuota="Nessuna procedura avviata prima del bimestre e registrata dopo il report"
        " precedente.",
    )  # fmt: skip


def _why_late(letto: Bimestre, sito: Sito) -> str:
    before = letto.periodo.precedente
    known = letto.precedente.scritte.get(sito.procedura)
    if known:
        then = known.testata.ostacolo(before.inizio, before.fine) or _NO_SITES
        words = f"nel report precedente {then}"
    else:
        words = f"inserita il {italian(timezone.localdate(sito.inserita))}"
    return words if sito.in_corso(letto.periodo) else f"{words}, già conclusa"


def uscite(letto: Bimestre) -> Tabella:
    """The procedures of the report before that are not in corso any more, as it had them."""
    rows = [(siti, _days(siti) | {"motivo": _why_gone(letto, siti[0])}) for siti in letto.uscite]
    return _procedures(
        letto, "uscite", "Uscite dal report precedente", _GONE, rows,
        vuota="Nessuna procedura del report precedente ne è uscita.",
    )  # fmt: skip


def _why_gone(letto: Bimestre, sito: Sito) -> str:
    now, begun = letto.precedente.oggi[sito.procedura], letto.periodo.precedente.fine
    return now.ostacolo(letto.periodo.inizio, begun) or _NO_SITES


def prorogate(letto: Bimestre) -> Tabella:
    """The procedures that were extended: their end before and now, and when it was written."""
    rows = [(siti, _extension(letto, siti)) for siti in letto.prorogate]
    return _procedures(
        letto, "prorogate", "Procedure prorogate", _EXTENDED, rows,
        vuota="Nessuna proroga registrata.",
    )  # fmt: skip


def concluse(letto: Bimestre) -> Tabella:
    """The procedures whose end fell in the two months."""
    rows = [(siti, _days(siti)) for siti in letto.concluse]
    return _procedures(
        letto, "concluse", "Procedure concluse nel bimestre", _BEGUN, rows,
        vuota="Nessuna procedura conclusa nel bimestre.",
    )  # fmt: skip


def _days(siti: Sequence[Sito]) -> Values:
    first = siti[0]
    return {"causale": first.causale, "avvio": first.avvio, "fine": first.fine or TRATTINO}


def _extension(letto: Bimestre, siti: Sequence[Sito]) -> Values:
    found = letto.proroghe[siti[0].procedura]
    return {
        "fine_prima": found.prima,
        "fine_dopo": found.dopo or TRATTINO,
        "registrata": timezone.localdate(found.registrata),
    }


def _procedures(
    letto: Bimestre,
    nome: str,
    titolo: str,
    columns: Sequence[Colonna],
    found: Sequence[tuple[Sequence[Sito], Values]],
    *,
    vuota: str,
) -> Tabella:
    place = _comune if letto.provincia else _comune_and_sigla
    rows = [
        riga(str(siti[0].procedura), columns, _procedure(siti, place) | more)
        for siti, more in found
    ]
    if rows:
        sums = Somma.of([sito for siti, _ in found for sito in siti])
        cells = {what: cella(sums, what) for what in _SUMS}
        rows.append(totale(columns, {"pratica": "Totale", **cells}))
    return tabella(letto, nome, titolo, columns, rows, vuota=vuota)


def _procedure(siti: Sequence[Sito], place: Callable[[Sito], str]) -> Values:
    first, sums = siti[0], Somma.of(siti)
    return {
        "pratica": first.pratica,
        "azienda": first.azienda,
        "tipo": first.tipo_nome,
        "luoghi": ", ".join(dict.fromkeys(map(place, siti))),
        **{what: cella(sums, what) for what in _SUMS},
    }


def _comune(sito: Sito) -> str:
    return sito.comune_nome


def _comune_and_sigla(sito: Sito) -> str:
    return f"{sito.comune_nome} ({sito.sigla})"


def unita(letto: Bimestre) -> Tabella:
    """Every site of the procedures in corso, by provincia, comune and company."""
    place = [] if letto.provincia else [Colonna("provincia", "Provincia")]
    columns = (
        Colonna("unita", "Pratica / unità"),
        Colonna("azienda", "Azienda"),
        Colonna("comune", "Comune"),
        *place,
        Colonna("tipo", "Tipo"),
        Colonna("linea_guida", "Linea guida"),
        Colonna("causale", "Causale"),
        *_DAYS,
        Colonna("lavoratori", "Lavoratori", N, somma=True),
        Colonna("presa_in_carico", "Presa in carico", D),
        Colonna("alta_complessita", "Alta complessità"),
        Colonna("novita", "Novità"),
    )
    rows = [riga(sito.chiave, columns, _site(letto, sito)) for sito in letto.siti]
    if rows:
        sums = {"unita": "Totale", "lavoratori": cella(Somma.of(letto.siti), "lavoratori")}
        rows.append(totale(columns, sums))
    none = "Nessuna unità produttiva di procedure in corso nel bimestre."
    return tabella(letto, "unita", "Unità produttive", columns, rows, vuota=none)


def _site(letto: Bimestre, sito: Sito) -> Values:
    news = {
        "nuova": sito.avviata(letto.periodo),
        "registrata in ritardo": sito.procedura in letto.in_ritardo,
        "prorogata": sito.procedura in letto.proroghe,
        "conclusa": sito.conclusa(letto.periodo),
    }
    return {
        "provincia": sito.sigla,
        "comune": sito.comune_nome,
        "unita": f"{sito.pratica} / {sito.codice}",
        "azienda": sito.azienda,
        "tipo": sito.tipo_nome,
        "linea_guida": sito.linea_guida,
        "causale": sito.causale,
        "avvio": sito.avvio,
        "fine": sito.fine or TRATTINO,
        "lavoratori": sito.lavoratori,
        "presa_in_carico": sito.presa_in_carico or NOT_TAKEN,
        "alta_complessita": "sì" if sito.alta_complessita else "no",
        "novita": ", ".join(word for word, true in news.items() if true),
    }


def altrove(letto: Bimestre) -> Tabella:
    """Of a provincial report, the procedures that have sites elsewhere: how many, and where."""
    columns = (
        *_COMPANY,
        Colonna("unita", "Unità nel territorio", N, somma=True),
        Colonna("altre", "Unità altrove", N, somma=True),
        Colonna("province", "Altre province"),
    )
    found = letto.con_altre
    rows = []
    for siti in found:
        first, other = siti[0], letto.altrove[siti[0].procedura]
        values = {
            "pratica": first.pratica,
            "azienda": first.azienda,
            "tipo": first.tipo_nome,
            "unita": len(siti),
            "altre": other.unita,
            "province": ", ".join(other.province),
        }
        rows.append(riga(str(first.procedura), columns, values))
    if rows:
        sums = {
            "pratica": "Totale",
            "unita": sum(map(len, found)),
            "altre": sum(part.unita for part in letto.altrove.values()),
        }
        rows.append(totale(columns, sums))
    return tabella(
        letto, "altrove", "Procedure con unità anche in altre province", columns, rows,
        vuota="Nessuna procedura ha unità in altre province.",
    )  # fmt: skip
