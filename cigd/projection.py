"""What the errors found in a sample say of its whole population: pure arithmetic, in euro.

Each method has its estimate, made of terms whose sum it is, each rounded to the cent. While
verifications are missing, those that are concluded speak for the others of their term, and the
estimate is provisional; a term of which nothing is concluded is not known, nor is then the whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# Art. 28(11) of Delegated Regulation (EU) 480/2014: the maximum materiality level, 2% of the
# expenditure; public law, not in the sources of the programme.
MATERIALITA = Decimal("0.02")
FONTE_MATERIALITA = "art. 28, par. 11, del Reg. delegato (UE) 480/2014"
ZERO = Decimal(0)
SEMPLICE, STRATIFICATO, MUS = "semplice", "stratificato", "mus"

FORMULE = {
    SEMPLICE: "Stima per quoziente: importo irregolare diviso importo controllato, per l'importo"
    " della popolazione.",
    STRATIFICATO: "Per ogni strato: importo irregolare diviso importo controllato, per l'importo"
    " dello strato; poi la somma degli strati.",
    MUS: "Gli elementi non minori dell'intervallo valgono con il loro errore; per gli altri si"
    " somma il tasso d'errore di ciascuno (irregolare diviso importo) e si moltiplica per"
    " l'intervallo.",
}


@dataclass(frozen=True)
class Found:
    """The elements of one part of a sample, and what those that are concluded show. Euro.

    Attributes:
        nome: the stratum, or the whole.
        popolazione: what the part stands for.
        estratti: elements drawn.
        conclusi: elements whose verifications have ended.
        controllato: the amount of those.
        irregolare: what of it is irregular.
        tassi: the sum of their irregular amounts, each divided by its own amount.
        certo: they were drawn because of their amount.
    """

    nome: str
    popolazione: Decimal
    estratti: int
    conclusi: int
    controllato: Decimal
    irregolare: Decimal
    tassi: Fraction
    certo: bool = False


@dataclass(frozen=True)
class Term:
    """A part of the projected error; `errore` in euro with cents, None while it is not known."""

    parte: Found
    errore: Decimal | None


def terms(metodo: str, parts: Iterable[Found], interval: Decimal | None = None) -> list[Term]:
    """Project the errors of each part of a sample.

    Args:
        metodo: how it was drawn.
        parts: one for a simple sample, one for each stratum, or for monetary units those that are
            certain and the others; a part without elements stands for nothing.
        interval: of monetary unit sampling, in euro.
    """
    return [Term(part, _projected(metodo, part, interval)) for part in parts if part.estratti]


def _projected(metodo: str, part: Found, interval: Decimal | None) -> Decimal | None:
    if not part.conclusi:
        return None
    if metodo == MUS and not part.certo:
        if interval is None:
            raise ValueError("monetary unit sampling has an interval")
        # All concluded: the sum of the taints by the interval.
        return _cents(part.tassi * Fraction(interval) * part.estratti / part.conclusi)
    rate = Fraction(part.irregolare) / Fraction(part.controllato)
    return _cents(rate * Fraction(part.popolazione))


def _cents(amount: Fraction) -> Decimal:
    """Round an amount that is not negative half up; a product of two may exceed a Decimal."""
    whole = (200 * amount.numerator + amount.denominator) // (2 * amount.denominator)
    return Decimal(whole).scaleb(-2)


def projected(found: Sequence[Term]) -> Decimal | None:
    """Return the error of the whole population; None while a part of it is not known."""
    known = [term.errore for term in found if term.errore is not None]
    return sum(known, ZERO) if found and len(known) == len(found) else None


def verdict(error: Decimal | None, population: Decimal, *, provisional: bool) -> str:
    """Say how the projected error stands to the materiality, in Italian; empty if not known."""
    if error is None:
        return ""
    limit = population * MATERIALITA
    words = "supera la soglia" if error > limit else "non supera la soglia"
    return f"{words} (provvisorio)" if provisional else words
