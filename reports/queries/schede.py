"""The figures that stand alone at the head of the chapters of the annual report."""

from collections.abc import Iterator

from porfse.charts import Colour
from porfse.figures import Figure, leaf, rapporto
from programme.facts import recipients
from programme.figures.ledger import EU_SHARE
from programme.models import GRANDEZZE, Asse, Indicatore, Perimetro
from reports.documento import Indicatore as Cifra
from reports.queries.aggiornamento import DESTINATARI
from reports.queries.programma import COLOURS, NAMES, Lettura, single
from reports.queries.tavole import ORDINARY

SPENT = ("impegnate", "liquidate")


class Scheda:
    """The quantities and the recipients of the programme, or of an asse.

    Commitments and payments are without the Covid wage support, as the published report has them.
    """

    def __init__(self, lettura: Lettura, asse: Asse | None = None) -> None:
        self.board, self.view, self.asse = lettura.board, lettura.view, asse
        self.dati = lettura.dati
        code = asse.pk if asse else None
        ordinary, support = lettura.within(Perimetro.ORDINARIA), lettura.within(Perimetro.CIGD)
        self.dotazione = self.board(self.view.endowment(code))
        self.importi = {
            name: self.board((ordinary if name in SPENT else self.view).amount(name, asse=code))
            for name in GRANDEZZE
        }
        self.cigd = {name: self.board(support.amount(name, asse=code)) for name in SPENT}
        self.quota_ue = None if asse else self.board(self.view.amount(EU_SHARE))
        self.attivate = self.board(
            rapporto(self.importi["programmate"].expression, self.dotazione.expression)
        )
        self.spesa = self._target(asse) if asse else None
        self.persone = None if asse and not asse.destinatari else Persone(self, code)

    def _target(self, asse: Asse) -> tuple[Figure, Figure] | None:
        """The financial target of an asse and how far it is reached."""
        found = Indicatore.objects.filter(asse=asse, tipo=Indicatore.Tipo.FINANZIARIO).first()
        if found is None:
            return None
        target = leaf("target", codice=found.pk)
        reached = rapporto(self.importi["certificata"].expression, target)
        return self.board(target), self.board(reached)

    @property
    def suffisso(self) -> str:
        return f"_asse_{self.asse.ordine}" if self.asse else ""

    def indicatori(self) -> Iterator[Cifra]:
        """Yield the figures in their order; the board must be loaded."""
        yield self._shown("dotazione", self.dotazione)
        for name, figure in self.importi.items():
            yield self._shown(name, figure)
        if self.quota_ue:
            yield self._shown(EU_SHARE, self.quota_ue)
        if self.persone:
            yield from self.persone.indicatori()

    def _shown(self, name: str, figure: Figure) -> Cifra:
        label, scope = NAMES[name], figure.scope
        if name in SPENT:
            label, scope = f"{label}, {ORDINARY}", ""
        old = self.dati.detto("certificata" if name == EU_SHARE else name)
        parts = (scope, self._beside(name, figure), old if figure.amount is not None else "")
        colour, line = COLOURS.get(name, Colour.TEAL), "; ".join(filter(None, parts))
        return single(f"{name}{self.suffisso}", label, figure, line, colour)

    def _beside(self, name: str, figure: Figure) -> str:
        """What a quantity is told with."""
        if name in SPENT and self.cigd[name].amount:
            return f"oltre a {self.cigd[name].text} di CIGD"
        if figure.amount is None:
            return ""
        if name == "programmate":
            return f"{self.attivate.text} della dotazione"
        if name == "certificata" and self.spesa:
            target, reached = self.spesa
            return f"target 2023 {target.text}, raggiunto al {reached.text}"
        return ""


class Persone:
    """The recipients of a `Scheda`."""

    def __init__(self, scheda: Scheda, code: str | None) -> None:
        self.scheda = scheda
        board, view = scheda.board, scheda.view
        self.tutte = board(recipients(view, code))
        self.gruppi = {
            name: (board(who), board(rapporto(who, self.tutte.expression)))
            for name in ("uomini", "donne", "vulnerabili")
            for who in [recipients(view, code, name)]
        }

    def indicatori(self) -> Iterator[Cifra]:
        """Yield the recipients, and the vulnerable ones among them where they are published."""
        suffix, old = self.scheda.suffisso, self.scheda.dati.detto(DESTINATARI)
        sexes = ", ".join(
            f"{name} {self.gruppi[name][0].text} ({self.gruppi[name][1].text})"
            for name in ("uomini", "donne")
            if self.gruppi[name][0].amount is not None
        )
        line = "; ".join(filter(None, (sexes, old if self.tutte.amount is not None else "")))
        yield single(f"destinatari{suffix}", "Destinatari raggiunti", self.tutte, line)
        who, share = self.gruppi["vulnerabili"]
        if who.amount is not None:
            line = "; ".join(filter(None, (f"{share.text} dei destinatari", old)))
            yield single(f"vulnerabili{suffix}", "Persone vulnerabili", who, line)
