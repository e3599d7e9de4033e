"""The source of a measure: subclasses declare the layout, here the calls of the engine end."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from measures.flows import anteprima, controlli, scrittura
from measures.flows.confronto import Confronto
from measures.misura import Misura, misura_of
from porfse.flows.late import Late
from porfse.flows.source import Change, Elenco, Source
from porfse.flows.stage import Stage
from porfse.models import Comune, Flow, User

CODES = {
    "E002": "codice fiscale errato: carattere di controllo o forma",
    "E005": "codice ISTAT che non è di un comune lombardo",
    "E044": "lo stato torna indietro, o viene dopo uno stato definitivo: se è giusto, annullare"
    " prima il flusso che ha portato lo stato di oggi",
    "E045": "già liquidato con un altro importo o in un altro giorno: pagato due volte, o da"
    " correggere annullando prima il flusso della liquidazione",
    "W401": "con questa riga gli importi ammessi superano la dotazione ancora libera",
    "W405": "già liquidato, passa a un'altra impresa o a un altro lavoratore: verificare a chi è"
    " andato il pagamento",
    "W406": "possibile doppio pagamento: un altro identificativo ha già lo stesso liquidato per la"
    " stessa impresa",
}


def comuni() -> set[str]:
    """Return the ISTAT codes that a row may bear."""
    return set(Comune.objects.values_list("codice_istat", flat=True))


class MisuraSource(Source):
    """A flow that writes the rows of a measure; a known identifier is an update.

    Attributes:
        misura: the slug of the measure.
        campi: by field of the model, SQL for its new value over the accepted row `s` and the
            stored one `t` (all null if it is new): all fields but those that the engine fills.
        passi: by state, those that may come after it.
        pagato: the state of what is paid.
        titolari: the fields that say who is paid, beside the company.
        uguali: the fields that make two payments to a company look like one.
        giorni: by state, the field that has the day when a row came to it.
        nome_azienda, ateco_azienda: SQL over `s`, for a company that is new.
    """

    misura: ClassVar[str]
    campi: ClassVar[Mapping[str, str]]
    passi: ClassVar[Mapping[str, Sequence[str]]]
    pagato: ClassVar[str]
    titolari: ClassVar[Sequence[str]] = ()
    uguali: ClassVar[Sequence[str]] = ("liquidato",)
    giorni: ClassVar[Mapping[str, str]]
    nome_azienda: ClassVar[str] = "s.denominazione_azienda"
    ateco_azienda: ClassVar[str] = "''"

    def declared(self) -> Misura:
        """Return the measure whose rows it writes."""
        return misura_of(self.misura)

    def compared(self, stage: Stage) -> Confronto:
        """Return the rows of a flow beside those that are stored."""
        return Confronto(stage, self.declared(), self.campi)

    def late_errors(self, late: Late) -> int:
        comparison = self.compared(late.stage)
        comparison.make()
        found = controlli.against_stored(comparison, late, passi=self.passi, pagato=self.pagato)
        return found + self.more_errors(comparison, late)

    def more_errors(self, comparison: Confronto, late: Late) -> int:
        """Find the errors that this measure alone knows; return how many."""
        return 0

    def warn(self, stage: Stage) -> None:
        comparison = self.compared(stage)
        comparison.keep_accepted()
        controlli.beyond_endowment(comparison)
        controlli.odd_payments(
            comparison, pagato=self.pagato, titolari=self.titolari, uguali=self.uguali
        )
        self.more_warnings(comparison)

    def more_warnings(self, comparison: Confronto) -> None:
        """Write the warnings that this measure alone knows."""

    def changes(self, stage: Stage) -> list[Change]:
        return anteprima.amounts(self.compared(stage))

    def preview(self, stage: Stage) -> list[Elenco]:
        return anteprima.lists(self.compared(stage))

    def acquire(self, stage: Stage, *, by: User) -> None:
        scrittura.write(
            self.compared(stage),
            nome=self.nome_azienda,
            ateco=self.ateco_azienda,
            giorni=self.giorni,
        )

    def obstacle(self, flow: Flow) -> str:
        return scrittura.obstacle(flow, self.declared())

    def cancel(self, flow: Flow, *, by: User) -> None:
        scrittura.take_back(flow, self.declared())
