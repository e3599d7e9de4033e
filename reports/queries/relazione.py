"""What the annual report shows of the programme as a whole: plan, progress, recipients."""

from collections.abc import Iterator

from porfse.charts import Colour
from porfse.figures import Figure, rapporto, somma
from programme.facts import endowment_rows, plan_rows, recipient_rows, recipients, vulnerable_rows
from programme.models import Asse, Destinatari, Perimetro, VersionePiano
from reports.documento import TRATTINO, Cella, Colonna, Forma, Grafico, Serie
from reports.queries.aggiornamento import DESTINATARI
from reports.queries.programma import ASSE, NAMES, WHOLE, Lettura, by_asse, named
from reports.queries.tavole import Row, Tavola
from reports.soppressione import Gruppo, Margini

# The recipients by policy, as the published report tells them: two assi together.
POLITICHE = {
    "Politica attiva del lavoro (Asse I)": ("I",),
    "Inclusione attiva (Asse II)": ("II",),
    "Rafforzamento delle competenze (Assi III e IV)": ("III", "IV"),
}
# The people of each table: few of a kind are told of before the report is published, not hidden.
_SEXES = Margini(
    tuple(Gruppo(lavoratori=(str(sex),)) for sex in Destinatari.SESSO), totale="persone"
)
MARGINI = {
    "destinatari": _SEXES,
    "politiche": _SEXES,
    "vulnerabili": Margini(
        tuple(Gruppo(lavoratori=(str(group),)) for group in Destinatari.VULNERABILI),
        totale="vulnerabili",
    ),
}
SPENT = ("impegnate", "liquidate")
PEOPLE = "Persone raggiunte dall'avvio del programma, ultimo dato pubblicato alla data."


def plan(lettura: Lettura) -> tuple[Tavola, Tavola]:
    """Return the financing plan in force by asse, and its versions so far."""
    rows = [named(row) for row in endowment_rows(lettura.board, lettura.view, lettura.assi)]
    versions = VersionePiano.objects.filter(data__lte=lettura.al).select_related("decisione")
    approved = plan_rows(lettura.board, versions)
    return (
        Tavola(
            "piano_finanziario",
            "Piano finanziario del POR FSE 2014-2020",
            (
                Colonna("obiettivo_tematico", "Obiettivo tematico"),
                *ASSE,
                Colonna("dotazione", "Dotazione finanziaria", Forma.EURO),
                Colonna("quota", "Sul totale", Forma.PERCENTO),
            ),
            lambda: rows,
            by_asse,
            lettura.fonti.piano,
            somme=("dotazione",),
        ),
        Tavola(
            "versioni_piano",
            "Versioni del piano finanziario",
            (
                Colonna("data", "Data", Forma.DATA),
                Colonna("decisione", "Decisione"),
                Colonna("numero", "Versione"),
                Colonna("totale_piano", "Dotazione totale", Forma.EURO),
                Colonna("nota", "Nota"),
            ),
            lambda: [{**row, "totale_piano": row["totale"]} for row in approved],
            lambda row: row["data"].isoformat(),
            lettura.fonti.piano,
            fisse=True,
        ),
    )


def progress(lettura: Lettura) -> Tavola:
    """Return the quantities by asse as the annual report prints them: wage support apart."""
    board, ordinary = lettura.board, lettura.within(Perimetro.ORDINARIA)
    support = lettura.within(Perimetro.CIGD)
    rows = [
        named({"nome": node})
        | {
            "dotazione": board(lettura.view.endowment(code)),
            "programmate": board(lettura.view.amount("programmate", asse=code)),
            **{name: board(ordinary.amount(name, asse=code)) for name in SPENT},
            **{
                f"{name}_cigd": board(support.amount(name, asse=code))
                for name in ("programmate", *SPENT)
            },
            "certificata": board(lettura.view.amount("certificata", asse=code)),
        }
        for node, code in lettura.nodes()
    ]
    return Tavola(
        "avanzamento",
        lettura.dati.titolo(f"Avanzamento finanziario al {lettura.giorno}"),
        (
            ASSE[0],
            Colonna("dotazione", NAMES["dotazione"], Forma.EURO),
            *_pair("programmate", "In tutto", "di cui CIGD"),
            *_pair("impegnate", "CIGD esclusa", "CIGD"),
            *_pair("liquidate", "CIGD esclusa", "CIGD"),
            Colonna("certificata", NAMES["certificata"], Forma.EURO),
        ),
        lambda: [_without_blank_support(row) for row in rows],
        by_asse,
        lettura.fonti.registro,
        somme=("dotazione", "programmate", *SPENT, "certificata"),
        note=lambda: _beside(rows[-1]),
    )


def _pair(name: str, whole: str, support: str) -> tuple[Colonna, Colonna]:
    return (
        Colonna(name, whole, Forma.EURO, gruppo=NAMES[name]),
        Colonna(f"{name}_cigd", support, Forma.EURO, gruppo=NAMES[name]),
    )


def _without_blank_support(row: Row) -> Row:
    """Where an asse has no wage support there is none, which is not one that is not known."""
    return row | {
        key: TRATTINO
        for key, figure in row.items()
        if key.endswith("_cigd") and figure.amount is None and not figure.value.missing
    }


def _beside(whole: Row) -> Iterator[str]:
    """Say how much wage support stands beside what the columns without it hold."""
    for name in SPENT:
        support: Figure = whole[f"{name}_cigd"]
        if support.amount:
            yield (
                f"{NAMES[name]}: oltre agli importi CIGD esclusa sono da considerare"
                f" {support.text} di Cassa integrazione guadagni in deroga (CIGD)."
            )


def people(lettura: Lettura) -> tuple[Tavola, Tavola, Tavola]:
    """Return the recipients by asse and sex, by policy, and the vulnerable ones."""
    assi = [asse for asse in lettura.assi if asse.destinatari]
    return _by_sex(lettura, assi), _by_policy(lettura), _vulnerable(lettura, assi)


def _by_sex(lettura: Lettura, assi: list[Asse]) -> Tavola:
    found = recipient_rows(lettura.board, lettura.view, assi)
    rows = [named({**row, "persone": row["totale"]}) for row in found]
    return Tavola(
        "destinatari",
        lettura.dati.titolo("Destinatari raggiunti per asse e sesso", DESTINATARI),
        (*ASSE, *_people("persone", "quota", "In tutto", "Sul programma"), *_sexes()),
        lambda: rows,
        by_asse,
        lettura.fonti.destinatari,
        somme=("persone", "uomini", "donne"),
        nota=PEOPLE,
        grafico=Grafico(
            "Destinatari per asse e sesso",
            "asse",
            (Serie("uomini", Colour.BLUE), Serie("donne", Colour.OCHRE)),
        ),
    )


def _people(number: str, share: str, group: str, of: str) -> tuple[Colonna, Colonna]:
    return (
        Colonna(number, "Persone", Forma.NUMERO, gruppo=group),
        Colonna(share, of, Forma.PERCENTO, gruppo=group),
    )


def _sexes() -> tuple[Colonna, ...]:
    return (
        *_people("uomini", "quota_uomini", "Uomini", "Quota"),
        *_people("donne", "quota_donne", "Donne", "Quota"),
    )


def _by_policy(lettura: Lettura) -> Tavola:
    view, board = lettura.view, lettura.board
    rows = []
    for name, codes in {**POLITICHE, WHOLE: (None,)}.items():
        everyone, men, women = (
            somma(*(recipients(view, code, group) for code in codes))
            for group in (None, *Destinatari.SESSO)
        )
        rows.append(
            {
                "politica": name,
                "persone": board(everyone),
                "quota": board(rapporto(everyone, recipients(view))),
                "uomini": board(men),
                "quota_uomini": board(rapporto(men, everyone)),
                "donne": board(women),
                "quota_donne": board(rapporto(women, everyone)),
                "totale": name == WHOLE,
            }
        )
    return Tavola(
        "politiche",
        lettura.dati.titolo("Destinatari raggiunti per politica", DESTINATARI),
        (
            Colonna("politica", "Politica"),
            *_people("persone", "quota", "In tutto", "Sul programma"),
            *_sexes(),
        ),
        lambda: rows,
        lambda row: row["politica"],
        lettura.fonti.destinatari,
        somme=("persone", "uomini", "donne"),
        nota=PEOPLE,
    )


def _vulnerable(lettura: Lettura, assi: list[Asse]) -> Tavola:
    view, board = lettura.view, lettura.board
    rows = [
        named(row)
        | {
            f"quota_{group}": board(
                rapporto(recipients(view, code, str(group)), recipients(view, code))
            )
            for group in Destinatari.VULNERABILI
        }
        for row, code in zip(
            vulnerable_rows(board, view, assi),
            [*(asse.codice for asse in assi), None],
            strict=True,
        )
    ]
    groups = [
        column
        for group in Destinatari.VULNERABILI
        for column in _people(
            str(group), f"quota_{group}", str(group.label).capitalize(), "Sui destinatari"
        )
    ]
    return Tavola(
        "vulnerabili",
        lettura.dati.titolo("Destinatari in condizione di vulnerabilità", DESTINATARI),
        (
            ASSE[0],
            *groups,
            *_people("vulnerabili", "quota_asse", "In tutto", "Sui destinatari"),
            Colonna("quota_vulnerabili", "Sui vulnerabili", Forma.PERCENTO, gruppo="In tutto"),
        ),
        lambda: [_reached(row) for row in rows],
        by_asse,
        lettura.fonti.destinatari,
        nota=(
            "«Sui destinatari»: quota dei destinatari dell'asse. «Sui vulnerabili»: quota delle"
            " persone vulnerabili del programma."
        ),
    )


def _reached(row: Row) -> Row:
    """Say once, not in each cell, that an asse does not publish its vulnerable recipients."""
    whole: Figure = row["vulnerabili"]
    if whole.amount is not None:
        return row
    return row | {
        key: Cella()
        for key, value in row.items()
        if isinstance(value, Figure) and key != "vulnerabili"
    }
