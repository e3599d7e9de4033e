"""Recipients, indicators, Covid and the plan as pages show them: rows of figures."""

from collections.abc import Iterable
from typing import Any

from porfse.figures import Board, Expression, leaf, rapporto, somma
from programme.models import Asse, Destinatari, Indicatore, Iniziativa, VersionePiano
from programme.progress import View

Row = dict[str, Any]


def recipients(view: View, asse: str | None = None, group: str | None = None) -> Expression:
    """People reached at the date of a view, in an asse and a group."""
    return leaf("destinatari", al=view.al, asse=asse, gruppo=group)


def recipient_rows(board: Board, view: View, assi: Iterable[Asse]) -> list[Row]:
    """People reached by asse and sex, then by the programme."""
    everyone = recipients(view)
    rows = []
    for node, code in [*((asse, asse.codice) for asse in assi), ("Programma", None)]:
        all_of, men, women = (recipients(view, code, group) for group in (None, *Destinatari.SESSO))
        rows.append(
            {
                "nome": node,
                "totale": board(all_of),
                "quota": board(rapporto(all_of, everyone)),
                "uomini": board(men),
                "quota_uomini": board(rapporto(men, all_of)),
                "donne": board(women),
                "quota_donne": board(rapporto(women, all_of)),
            }
        )
    return rows


def vulnerable_rows(board: Board, view: View, assi: Iterable[Asse]) -> list[Row]:
    """Vulnerable people by asse and group, as shares of the asse and of all the vulnerable."""
    everyone = recipients(view, None, "vulnerabili")
    rows = []
    for node, code in [*((asse, asse.codice) for asse in assi), ("Programma", None)]:
        vulnerable = recipients(view, code, "vulnerabili")
        rows.append(
            {
                "nome": node,
                **{
                    str(group): board(recipients(view, code, group))
                    for group in Destinatari.VULNERABILI
                },
                "vulnerabili": board(vulnerable),
                "quota_asse": board(rapporto(vulnerable, recipients(view, code))),
                "quota_vulnerabili": board(rapporto(vulnerable, everyone)),
            }
        )
    return rows


def indicator_rows(board: Board, view: View, indicators: Iterable[Indicatore]) -> list[Row]:
    """Each indicator with its value, target and attainment.

    The value of a financial indicator is the certified expenditure of the ledger; what has no
    target has no attainment.
    """
    rows = []
    for item in indicators:
        financial = item.tipo == Indicatore.Tipo.FINANZIARIO
        value = (
            leaf("certificata", al=view.al, asse=item.asse_id)
            if financial
            else leaf("indicatore", codice=item.pk, al=view.al)
        )
        target = leaf("target", codice=item.pk)
        rows.append(
            {
                "indicatore": item,
                "asse": item.asse_id,
                "nome": item.nome,
                "breve": f"{item.asse_id} · {item.nome[:40]}",
                "tipo": item.get_tipo_display(),
                "priorita": item.priorita_id,
                "valore": board(value),
                "target": board(target),
                "raggiungimento": board(rapporto(value, target)),
            }
        )
    return rows


def covid_rows(board: Board, view: View, initiatives: Iterable[Iniziativa]) -> list[Row]:
    """The Covid interventions known at the date, each as a share of them all; loads the board."""
    view = View(view.al)  # the wage support is among them, whatever the reader looks at
    asked = [(item, view.amount("programmate", iniziativa=item.pk)) for item in initiatives]
    for _, amount in asked:
        board(amount)
    board.load()
    found = [(item, amount) for item, amount in asked if board(amount).amount is not None]
    if not found:
        return []
    total = somma(*(amount for _, amount in found))
    rows = [
        {
            "nome": item,
            "asse": item.asse_id,
            "programmate": board(amount),
            "quota": board(rapporto(amount, total)),
            "impegnate": board(view.amount("impegnate", iniziativa=item.pk)),
            "liquidate": board(view.amount("liquidate", iniziativa=item.pk)),
        }
        for item, amount in found
    ]
    return [*rows, {"nome": "Totale", "asse": "", "programmate": board(total), "totale": True}]


def plan_rows(board: Board, versions: Iterable[VersionePiano]) -> list[Row]:
    """The versions of the plan; the amounts of an earlier one may not be known."""
    return [
        {
            "numero": version.numero,
            "decisione": version.decisione,
            "data": version.data,
            "nota": version.nota,
            "totale": board(leaf("dotazione", al=version.data)),
        }
        for version in versions
    ]


def endowment_rows(board: Board, view: View, assi: Iterable[Asse]) -> list[Row]:
    """The endowment of each asse in the version in force, and its share."""
    total = view.endowment()
    rows = [
        {
            "nome": asse,
            "obiettivo_tematico": asse.obiettivo_tematico,
            "dotazione": board(view.endowment(asse.codice)),
            "quota": board(rapporto(view.endowment(asse.codice), total)),
        }
        for asse in assi
    ]
    whole = {"nome": "Programma", "obiettivo_tematico": "", "totale": True}
    return [
        *rows,
        {**whole, "dotazione": board(total), "quota": board(rapporto(total, total))},
    ]
