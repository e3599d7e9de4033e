"""The published programme: its structure, its plan, the balances of its four documents."""

from datetime import date
from decimal import Decimal

from porfse.models import Fonte, User
from porfse.seeding import act, published_sources, read_csv, read_toml, upsert
from programme.balances import load_balances
from programme.models import (
    Asse,
    Azione,
    Destinatari,
    Dotazione,
    Indicatore,
    Iniziativa,
    ObiettivoSpecifico,
    Priorita,
    TargetN3,
    ValoreIndicatore,
    VersionePiano,
)

Sources = dict[str, Fonte]


def load(*, by: User) -> None:
    """Load everything that the sources print; a second run changes nothing."""
    sources = published_sources("programme/fonti.csv")
    _structure(sources)
    _plan(sources)
    _initiatives(sources)
    _recipients(sources)
    _indicators(sources)
    _targets(sources)
    load_balances(sources, by=by)


def _structure(sources: Sources) -> None:
    fonte = sources["003"]
    assi, objectives, actions = [], [], []
    for asse in read_toml("programme/struttura.toml")["asse"]:
        nested = asse.pop("obiettivo")
        assi.append(Asse(**asse, ordine=len(assi) + 1, fonte=fonte))
        for objective in nested:
            items = objective.pop("azione")
            objectives.append(
                ObiettivoSpecifico(
                    **objective, ordine=len(objectives) + 1, asse=assi[-1], fonte=fonte
                )
            )
            for item in items:
                actions.append(
                    Azione(**item, ordine=len(actions) + 1, obiettivo=objectives[-1], fonte=fonte)
                )
    upsert(Asse, assi, key="codice")
    upsert(ObiettivoSpecifico, objectives, key="codice")
    _priorities(sources, {action.codice: action for action in actions})
    upsert(Azione, actions, key="codice")


def _priorities(sources: Sources, actions: dict[str, Azione]) -> None:
    priorities = []
    for row in read_csv("programme/priorita.csv"):
        priority = Priorita(codice=row["codice"], asse_id=row["asse"], fonte=sources[row["fonte"]])
        priorities.append(priority)
        for code in filter(None, row["azioni"].split("|")):
            actions[code].priorita = priority
    upsert(Priorita, priorities, key="codice")


def _plan(sources: Sources) -> None:
    for row in read_csv("programme/piano.csv"):
        version, _ = VersionePiano.objects.update_or_create(
            data=date.fromisoformat(row["data"]),
            defaults={
                "decisione": act(row["atto"]),
                "numero": row["numero"],
                "nota": row["nota"],
                "fonte": sources["003"],
            },
        )
        for code in ("I", "II", "III", "IV", "V"):
            if row[code]:
                Dotazione.objects.update_or_create(
                    versione=version,
                    asse_id=code,
                    defaults={"importo": Decimal(row[code]), "fonte": sources["003"]},
                )


def _initiatives(sources: Sources) -> None:
    """Create those that are missing; what an official has changed since stays."""
    known = set(Iniziativa.objects.values_list("codice", flat=True))
    for row in read_csv("programme/iniziative.csv"):
        if row["codice"] in known:
            continue
        initiative = Iniziativa.objects.create(
            codice=row["codice"],
            nome=row["nome"],
            asse_id=row["asse"],
            priorita_id=row["priorita"] or None,
            azione_id=row["azione"] or None,
            stato=row["stato"],
            covid=row["covid"] == "si",
            descrizione=row["descrizione"],
            fonte=sources[row["fonte"]],
        )
        initiative.atti.set(act(text) for text in filter(None, row["atti"].split("|")))


def _recipients(sources: Sources) -> None:
    for row in read_csv("programme/destinatari.csv"):
        for group in Destinatari.Gruppo.values:
            if row[group]:
                Destinatari.objects.update_or_create(
                    asse_id=row["asse"],
                    data=date.fromisoformat(row["data"]),
                    gruppo=group,
                    defaults={"numero": int(row[group]), "fonte": sources[row["fonte"]]},
                )


def _indicators(sources: Sources) -> None:
    for row in read_csv("programme/indicatori.csv"):
        fonte = sources[row["fonte"]]
        indicator, _ = Indicatore.objects.update_or_create(
            codice=row["codice"],
            defaults={
                "asse_id": row["asse"],
                "priorita_id": row["priorita"] or None,
                "nome": row["nome"],
                "tipo": row["tipo"],
                "unita": row["unita"],
                "quadro_efficacia": row["quadro"] == "si",
                "target_2023": Decimal(row["target_2023"]) if row["target_2023"] else None,
                "fonte": fonte,
            },
        )
        if row["valore"]:
            ValoreIndicatore.objects.update_or_create(
                indicatore=indicator,
                data=date.fromisoformat(row["data"]),
                defaults={
                    "valore": Decimal(row["valore"]),
                    "nota": row["nota"],
                    "fonte": fonte,
                },
            )


def _targets(sources: Sources) -> None:
    for row in read_csv("programme/target_n3.csv"):
        TargetN3.objects.update_or_create(
            anno=int(row["anno"]),
            defaults={
                "importo": Decimal(row["importo"]),
                "base": row["base"],
                "base_dichiarata": row["base_dichiarata"] == "si",
                "fonte": sources[row["fonte"]],
            },
        )
