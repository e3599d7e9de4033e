"""The names of the figures that a text may place, for the period of its report."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from porfse.figures import Expression, Unit, differenza, leaf, rapporto
from porfse.periods import italian
from programme.facts import recipients
from programme.figures.ledger import EU_SHARE, LABELS
from programme.models import (
    GRANDEZZE,
    Asse,
    Destinatari,
    Indicatore,
    Iniziativa,
    Perimetro,
    TargetN3,
)
from programme.progress import View, previous_year_end
from reports.parametri import Parametri
from reports.queries.quadratura import printed_at
from reports.report import Report

WITHOUT_SUPPORT = ("programmate", "impegnate", "liquidate")
GROUPS = {
    "": "Destinatari",
    "uomini": "Destinatari, uomini",
    "donne": "Destinatari, donne",
    "vulnerabili": "Destinatari in condizione di vulnerabilità",
    **{str(group): f"Destinatari, {group.label}" for group in Destinatari.VULNERABILI},
}


class Nome(NamedTuple):
    """What a name stands for.

    Attributes:
        segno: what grew is shown with a plus.
    """

    espressione: Expression
    etichetta: str
    gruppo: str
    unita: Unit
    segno: bool = False


Named = tuple[str, Nome]


def nomi(report: Report, parametri: Parametri) -> dict[str, Nome]:
    """Return the figures that a text of a report may name, by name, in the order of their groups.

    Args:
        report: whose text it is; all reports with texts are of the programme.
    """
    view = View(parametri.al)
    assi = list(Asse.objects.all())
    found = dict(_amounts(view, "Programma", "", None))
    for asse in assi:
        found |= _amounts(view, f"Asse {asse.pk}", f"_asse_{asse.ordine}", asse.pk)
    found |= _people(view, "Programma", "", None)
    for asse in assi:
        if asse.destinatari:
            found |= _people(view, f"Asse {asse.pk}", f"_asse_{asse.ordine}", asse.pk)
    return {
        **found,
        **dict(_indicators(view)),
        **dict(_targets()),
        **dict(_initiatives(view)),
        **dict(_printed(parametri.al)),
    }


def _amounts(view: View, group: str, suffix: str, asse: str | None) -> Iterator[Named]:
    """The quantities of the programme or of an asse, their ratios and changes."""
    whole = view.endowment(asse)
    yield f"dotazione{suffix}", Nome(whole, f"Dotazione, {group}", group, Unit.EURO)
    if asse:
        share = rapporto(whole, view.endowment())
        words = f"Quota della dotazione, {group}"
        yield f"quota_dotazione{suffix}", Nome(share, words, group, Unit.PERCENTO)
    for name in GRANDEZZE:
        amount, words = view.amount(name, asse=asse), f"{LABELS[name]}, {group}"
        yield f"{name}{suffix}", Nome(amount, words, group, Unit.EURO)
        ratio = Nome(rapporto(amount, whole), f"{words}, sulla dotazione", group, Unit.PERCENTO)
        yield f"quota_{name}{suffix}", ratio
        yield f"variazione_{name}{suffix}", _change(view, name, words, group, asse)
    for name in WITHOUT_SUPPORT:
        for key, perimetro in (("senza_cigd", "ordinaria"), ("cigd", "cigd")):
            part = View(view.al, perimetro).amount(name, asse=asse)
            words = f"{LABELS[name]}, {group}, {Perimetro(perimetro).label}"
            yield f"{name}_{key}{suffix}", Nome(part, words, group, Unit.EURO)
    if not asse:
        share = view.amount(EU_SHARE)
        yield EU_SHARE, Nome(share, f"{LABELS[EU_SHARE]}, {group}", group, Unit.EURO)


def _change(view: View, name: str, words: str, group: str, asse: str | None) -> Nome:
    since = previous_year_end(view.al)
    change = differenza(view.amount(name, asse=asse), view.amount(name, since, asse=asse))
    label = f"{words}, variazione dal {italian(since)}"
    return Nome(change, label, group, Unit.EURO, segno=True)


def _people(view: View, where: str, suffix: str, asse: str | None) -> Iterator[Named]:
    """The recipients of the programme or of an asse, by sex and vulnerability."""
    group, everyone = f"Destinatari, {where}", recipients(view, asse)
    for key, label in GROUPS.items():
        who = recipients(view, asse, key or None)
        name, words = f"destinatari_{key}" if key else "destinatari", f"{label}, {where}"
        yield f"{name}{suffix}", Nome(who, words, group, Unit.PERSONE)
        base = everyone if key else recipients(view)
        if key or asse:
            of = "dei destinatari" if key else "dei destinatari del programma"
            share = Nome(rapporto(who, base), f"{words}, quota {of}", group, Unit.PERCENTO)
            yield f"quota_{name}{suffix}", share


def _indicators(view: View) -> Iterator[Named]:
    """Value, target and attainment of each indicator."""
    for item in Indicatore.objects.all():
        group, unit = f"Indicatori, Asse {item.asse_id}", Unit(item.unita)
        where = f"priorità {item.priorita_id}" if item.priorita_id else f"Asse {item.asse_id}"
        name, label = item.pk.replace("-", "_"), f"«{item.nome}», {where}"
        value = leaf("indicatore", codice=item.pk, al=view.al)
        if item.tipo == Indicatore.Tipo.FINANZIARIO:
            value = view.amount("certificata", asse=item.asse_id)
        yield f"indicatore_{name}", Nome(value, f"Valore di {label}", group, unit)
        if item.target_2023 is not None:
            target = leaf("target", codice=item.pk)
            yield f"target_{name}", Nome(target, f"Target 2023 di {label}", group, unit)
            reached = rapporto(value, target)
            words = f"Raggiungimento di {label}"
            yield f"raggiungimento_{name}", Nome(reached, words, group, Unit.PERCENTO)


def _targets() -> Iterator[Named]:
    for target in TargetN3.objects.all():
        words = f"Target N+3 al {target.anno}, {target.get_base_display()}"
        aim = leaf("target_n3", anno=target.anno)
        yield f"target_n3_{target.anno}", Nome(aim, words, "Target N+3", Unit.EURO)


def _initiatives(view: View) -> Iterator[Named]:
    for node in Iniziativa.objects.all():
        group = f"Iniziative, Asse {node.asse_id}"
        for name in WITHOUT_SUPPORT:
            amount = view.amount(name, iniziativa=node.pk)
            words = f"{node.nome}: {LABELS[name].lower()}"
            key = f"{name}_{node.pk.replace('-', '_')}"
            yield key, Nome(amount, words, group, Unit.EURO)


def _printed(al: date) -> Iterator[Named]:
    """What documents print for the day and nothing else gives: `53 progetti`."""
    for item in printed_at(al):
        leaves = item.calcolo.leaves() if item.calcolo else ()
        if all(each.name == "stampata" for each in leaves):
            name = f"stampata_{item.id.replace('-', '_')}"
            words = f"{item.voce} (documento {item.documento})"
            yield name, Nome(item.expression, words, "Cifre stampate nelle fonti", item.unita)
