"""The flow of the programme's movements: what the Region's systems send of its progress."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from porfse.figures import Board, leaf
from porfse.flows import columns as c
from porfse.flows.late import Late
from porfse.flows.source import Change, Checker, Source
from porfse.flows.stage import Stage
from porfse.models import Flow, User
from programme import flow_caps, flow_days, flow_ledger, igrue_rows
from programme.acts import AttoCitato
from programme.figures.ledger import LABELS
from programme.flow_example import movements
from programme.flow_rows import TIPI, RowCheck
from programme.models import GRANDEZZE, Asse, Azione, Iniziativa, Perimetro
from programme.progress import latest_day
from programme.querysets import NON_RIPARTITO


def _codes(model: type[Azione | Iniziativa]) -> set[str]:
    return set(model.objects.values_list("pk", flat=True))


class Avanzamento(Source):
    slug = "avanzamento"
    nome = "Avanzamento del programma"
    columns = (
        c.Testo("id_movimento", longest=60, distinct=True, aliases=("identificativo",)),
        c.Scelta("tipo", tuple(TIPI), aliases=("tipo_movimento",)),
        c.Noto("azione", lambda: _codes(Azione), code="E030", aliases=("codice_azione",)),
        c.Noto(
            "iniziativa",
            lambda: _codes(Iniziativa),
            code="E030",
            required=False,
            aliases=("codice_iniziativa",),
        ),
        c.Giorno("data", aliases=("data_movimento",)),
        c.Importo("importo"),
        c.Importo("quota_ue", zero=True, required=False),
        c.Scelta("perimetro", (Perimetro.ORDINARIA.value, Perimetro.CIGD.value)),
        c.Testo("domanda_pagamento", longest=20, required=False, aliases=("domanda_di_pagamento",)),
        AttoCitato("atto", longest=80),
        c.Testo("beneficiario", required=False),
        c.Schema("cup", r"[0-9A-Za-z]{15}", code="E032", required=False),
    )
    key = "id_movimento"
    amount = "importo"
    group = (
        "(SELECT o.asse_id FROM programme_azione a JOIN programme_obiettivospecifico o"
        " ON o.codice = a.obiettivo_id WHERE a.codice = s.azione) || ' ' || s.tipo"
    )
    group_label = "Asse e tipo"
    codes = {
        "E001": "manca un valore obbligatorio o non è fra quelli ammessi; per le certificazioni"
        " servono la quota UE e la domanda di pagamento; l'atto si scrive come «DGR 5112/2021» o"
        " «decreto 3516 del 18/03/2020»",
        "E004": "data non leggibile, impossibile o nel futuro; oppure la domanda di pagamento o"
        " l'atto hanno già un'altra data, in archivio o in una riga accettata prima di questa",
        "E007": "identificativo già acquisito con un altro flusso o inserito a mano",
        "E030": "azione o iniziativa sconosciuta, o iniziativa di un'altra azione o di un altro"
        " asse",
        "E031": "la quota UE non ha il segno dell'importo o lo supera",
        "E032": "il CUP non è di 15 lettere e cifre",
        "E033": "la data è compresa in un saldo pubblicato in vigore per lo stesso asse e la stessa"
        " grandezza: ritirare prima la fonte del saldo, altrimenti l'importo conta due volte",
        "E034": "la CIGD sta solo sulle azioni sulle quali la pongono i documenti del programma:"
        " indicare l'azione della CIGD che porta la spesa, oppure il perimetro «ordinaria»",
        "W201": "gli impegni dell'asse o dell'iniziativa superano le risorse programmate",
        "W202": "le liquidazioni dell'asse o dell'iniziativa superano gli impegni",
        "W203": "la spesa certificata dell'asse o dell'iniziativa supera le liquidazioni",
        "W204": "il saldo dell'asse o dell'iniziativa diventa negativo",
        "W205": "liquidazione dell'iniziativa anteriore al suo primo impegno",
        "W206": "la spesa certificata della CIGD supera le risorse programmate dell'azione, o"
        " queste scendono sotto quanto è certificato: il flusso non potrà essere acquisito",
    }

    def checker(self) -> Checker:
        return RowCheck(self.position).codes

    def stored(self, stage: Stage) -> tuple[str, Sequence[object]] | None:
        return flow_ledger.identifiers(stage.flow)

    def late_errors(self, late: Late) -> int:
        return flow_days.other_days(late)

    def warn(self, stage: Stage) -> None:
        igrue_rows.warn(stage)
        flow_caps.warn(stage)

    def changes(self, stage: Stage) -> list[Change]:
        """By quantity and asse, over all dates; an example changes nothing that counts."""
        if stage.flow.esempio:
            return []
        coming = flow_ledger.sums(stage)
        board, today = Board(), latest_day()
        names = dict(Asse.objects.values_list("pk", "nome"))
        shown = [
            (quantity, asse, board(leaf(quantity, al=today, asse=asse)))
            for quantity in GRANDEZZE
            for asse in names
            if (quantity, asse) in coming
        ]
        whole = {
            quantity: board(leaf(quantity, al=today, asse=NON_RIPARTITO)) for quantity in GRANDEZZE
        }
        board.load()
        return [
            _change(
                f"{LABELS[quantity]}, Asse {asse} – {names[asse]}",
                figure.amount,
                coming[quantity, asse],
                split=not whole[quantity].amount,
            )
            for quantity, asse, figure in shown
        ]

    def acquire(self, stage: Stage, *, by: User) -> None:
        flow_caps.refuse(stage)
        flow_ledger.write(stage, by=by)

    def obstacle(self, flow: Flow) -> str:
        reversal = flow_ledger.reversal_of(flow)
        if reversal:
            return (
                f"Un movimento del flusso è già stato stornato (storno {reversal}): senza il"
                " movimento lo storno conterebbe da solo. Stornare uno a uno anche gli altri"
                " movimenti da correggere."
            )
        return flow_caps.obstacle(flow)

    def hold(self, flow: Flow) -> None:
        flow_caps.hold(flow)

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return movements(rows=rows, seed=seed, defects=defects)


def _change(name: str, now: Decimal | None, coming: Decimal, *, split: bool) -> Change:
    """What is not known stays so, unless nothing at all was there before."""
    after = coming + (now or 0) if now is not None or split else None
    return {"voce": name, "oggi": now, "flusso": coming, "dopo": after}
