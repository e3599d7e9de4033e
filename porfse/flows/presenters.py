"""A flow in words: what its page says, from what is stored of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from time import time
from typing import Any

from redis.exceptions import RedisError

from porfse import money
from porfse.actions import spelled
from porfse.flows.progress import Progress, progress_of
from porfse.flows.source import Source, sources, with_dependents
from porfse.models import Flow
from porfse.periods import italian, moment
from porfse.tables import ND

ACTIONS = {
    "flusso.caricato": "caricato",
    "flusso.rifiutato": "rifiutato",
    "flusso.validazione_chiesta": "chiesta una nuova validazione",
    "flusso.in_validazione": "in validazione",
    "flusso.interrotto": "validazione interrotta",
    "flusso.validato": "validato",
    "flusso.acquisizione_chiesta": "chiesta l'acquisizione",
    "flusso.non_acquisito": "non acquisito",
    "flusso.acquisito": "acquisito",
    "flusso.annullato": "annullato",
    "flusso.scartato": "scartato",
    "flusso.scarti_esportati": "righe in errore scaricate per il mittente",
}
PHASES = {
    "lettura": "Lettura delle righe",
    "indici": "Costruzione degli indici",
    "controlli": "Controlli sull'insieme delle righe e su quanto è già acquisito",
    "riepiloghi": "Calcolo dei riepiloghi",
}
STATES = {
    Flow.Stato.CARICATO: "Il file è stato ricevuto e attende la validazione.",
    Flow.Stato.IN_VALIDAZIONE: "Il file è in validazione: nulla è ancora acquisito.",
    Flow.Stato.VALIDATO: "Il file è stato controllato e attende una decisione: nulla è ancora"
    " acquisito.",
    Flow.Stato.IN_ACQUISIZIONE: "L'acquisizione è in corso: le righe accettate entrano tutte"
    " insieme, o nessuna.",
    Flow.Stato.ACQUISITO: "Le righe accettate sono acquisite ed entrano nei totali.",
    Flow.Stato.SCARTATO: "Il flusso è stato scartato: nessuna riga è entrata nei totali.",
    Flow.Stato.RIFIUTATO: "Il file è rifiutato per intero: nessuna riga è entrata nei totali.",
    Flow.Stato.ANNULLATO: "Il flusso era acquisito ed è stato annullato: le sue righe non entrano"
    " più nei totali.",
}
_SILENCE = 30  # seconds without news after which the page says so


def source_name(slug: str) -> str:
    """Return the name of a source; a flow of one that is gone keeps the bare word."""
    return next((source.nome for source in sources() if source.slug == slug), slug)


def action_words(action: str) -> str:
    """Return what was done with a flow, or with rows of it by an app that the kernel knows not."""
    return ACTIONS.get(action) or spelled(action.removeprefix("flusso."))


@dataclass(frozen=True)
class Avanzamento:
    """How far the work on a flow has come, in words; `percento` None while nobody can tell."""

    fase: str
    percento: int | None = None
    dettagli: tuple[str, ...] = ()

    @property
    def annuncio(self) -> str:
        """What is read aloud: it changes a few times in all, not every second."""
        if self.percento is None or self.fase != PHASES["lettura"]:
            return self.fase
        return f"{self.fase}: {self.percento // 25 * 25}%"


def advancement(flow: Flow) -> Avanzamento:
    """Return how far a flow in progress, or waiting for a worker, has come."""
    if flow.stato == Flow.Stato.IN_ACQUISIZIONE:
        return Avanzamento("Acquisizione in corso")
    told = _told(flow)
    if told is None:
        return Avanzamento("In attesa di un elaboratore libero")
    name = PHASES.get(told.fase, told.fase)
    rows = f"{money.number(told.righe)} righe"
    if told.fase != "lettura":
        return Avanzamento(name, told.percentuale, (f"{rows} lette", *_silence(told)))
    details = [
        f"{rows} su circa {money.number(_about(told.attese))}",
        f"{money.number(told.velocita)} righe al secondo",
    ]
    if told.righe and told.secondi_rimanenti is not None:
        details.append(f"lettura finita fra {_duration(told.secondi_rimanenti)}")
    return Avanzamento(name, told.percentuale, (*details, *_silence(told)))


def _about(rows: int) -> int:
    """Three digits of a number that is guessed from the length of the first rows."""
    return round(rows, 3 - len(str(rows)))


def _told(flow: Flow) -> Progress | None:
    try:
        return progress_of(flow.pk)
    except RedisError:  # the work goes on without it: the page says that it cannot tell
        return None


def _silence(told: Progress) -> tuple[str, ...]:
    seconds = int(time() - told.aggiornato)
    if seconds < _SILENCE:
        return ()
    words = f"nessuna notizia da {_duration(seconds)}: se l'elaborazione si è interrotta, riprende"
    return (f"{words} da sola entro pochi minuti",)


def _duration(seconds: int) -> str:
    if seconds < 90:
        return "1 secondo" if seconds == 1 else f"{seconds} secondi"
    minutes = (seconds + 30) // 60
    return f"{money.number(minutes)} minuti" if minutes < 120 else f"{minutes // 60} ore"


def note_rows(flow: Flow, source: Source) -> list[tuple[str, str, str, str]]:
    """Return what the note declares against the file: name, declared, found, difference."""
    rows, amount = flow.righe_dichiarate, flow.importo_dichiarato
    found = []
    if rows is not None:
        gap = None if flow.righe is None else flow.righe - rows
        found.append(("Righe", *_compared(rows, flow.righe, gap, money.number)))
    if amount is not None:
        total = flow.importo_file
        rest = None if total is None else total - amount
        found.append((source.amount_label, *_compared(amount, total, rest, source.amount_text)))
    return found


def _compared(declared: Any, found: Any, gap: Any, show: Any) -> tuple[str, str, str]:
    shown = ND if found is None else show(found)
    return show(declared), shown, ND if gap is None else show(gap, signed=True)


def examples_that_go(flow: Flow, source: Source) -> str:
    """Say which examples acquiring a flow cancels; empty if it cancels none."""
    if flow.esempio:
        return ""
    going = {one.slug: one for one in reversed(with_dependents(source))}
    examples = Flow.objects.filter(stato=Flow.Stato.ACQUISITO, esempio=True, sorgente__in=going)
    counted = Counter(examples.values_list("sorgente", flat=True))
    found = [
        f"di {'questa fonte' if one is source else f'«{one.nome}»'}"
        f" ({'1 flusso' if counted[slug] == 1 else f'{money.number(counted[slug])} flussi'})"
        for slug, one in going.items()
        if counted[slug]
    ]
    if not found:
        return ""
    tried = [one.tried for slug, one in going.items() if counted[slug] and one.tried]
    gone = "".join(f", con {words}" for words in tried)
    return f"Con l'acquisizione i dati di esempio {' e '.join(found)} vengono annullati{gone}."


def group_rows(flow: Flow) -> list[dict[str, Any]]:
    """Return the groups of the accepted rows."""
    return [
        {"gruppo": group["key"], "righe": group["rows"], "importo": Decimal(group["amount"])}
        for group in flow.gruppi
    ]


def code_rows(flow: Flow, source: Source) -> list[dict[str, Any]]:
    """Return the codes of a flow with how many rows bear each, errors first."""
    return [
        {
            "codice": code,
            "esito": "errore" if code.startswith("E") else "segnalazione",
            "righe": count,
            "spiegazione": source.explain(code),
        }
        for code, count in sorted(flow.codici.items())
    ]


def facts(flow: Flow) -> list[tuple[str, str]]:
    """Return what a flow is, by name."""
    found = [
        ("Fonte", source_name(flow.sorgente)),
        ("File", flow.nome_file),
        ("Dimensione", f"{money.number(flow.dimensione)} byte"),
        ("Impronta SHA-256", flow.sha256),
        ("Caricato", f"{moment(flow.caricato_il)}, {flow.caricato_da}"),
        ("Nota di trasmissione", _note(flow)),
    ]
    if flow.provincia_id:
        found.append(("Caricato per la provincia", flow.provincia_id))
    if flow.colonne_ignorate:
        ignored = ", ".join(flow.colonne_ignorate)
        found.append(("Colonne ignorate", f"{ignored} (non fanno parte del tracciato: non lette)"))
    if flow.decisione:
        found.append(("Decisione", flow.decisione))
    return found


def _note(flow: Flow) -> str:
    if not flow.protocollo:
        return "non indicata"
    day = f" del {italian(flow.protocollo_data)}" if flow.protocollo_data else ""
    return f"protocollo {flow.protocollo}{day}"


def counts(flow: Flow) -> Iterable[tuple[str, str, str]]:
    """Return the counts of a validated flow: name, figure, a word beside it."""
    if flow.righe is None:
        return []
    share = flow.quota_errori
    return [
        ("Righe del file", money.number(flow.righe), ""),
        ("Accettate", money.number(flow.accettate or 0), ""),
        (
            "In errore",
            money.number(flow.scartate or 0),
            "" if share is None else f"{money.percento(share * 100)} delle righe",
        ),
        ("Con segnalazioni", money.number(flow.segnalate or 0), "fra le accettate"),
    ]
