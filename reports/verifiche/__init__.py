"""What must be known before a report is published: warnings, never refusals.

| code | gravity | what |
|---|---|---|
| W201-W210 | of the rule | a rule of the ledger is broken (`programme.igrue`) |
| R101 | errore | the total of a column is not the sum of its rows |
| R102 | nota | nor can it be checked: some rows are not known |
| R111 | attenzione | a quarter was not opened for some nuclei |
| R112 | attenzione | a quarter is not sent, and late |
| R113 | attenzione | a quarter is not sent, not late yet |
| R114 | attenzione | a quarter was given back, to be completed |
| R115 | attenzione | a quarter is sent, not approved yet |
| R116 | attenzione | an approved quarter is open again |
| R121 | attenzione | flows wait for a decision |
| R122 | attenzione | flows are being read or acquired |
| R131 | attenzione | a chapter is not written |
| R132 | attenzione | a chapter is not approved |
| R141 | errore | a hidden cell can be computed back (`reports.soppressione`) |
| R142 | errore | a cell is shown that should be hidden, or tells of one that is |

No text counts days from today: the same state gives the same words on another day.
"""

from collections.abc import Callable, Iterable, Mapping

from reports.documento import Avviso, Documento
from reports.parametri import Parametri
from reports.report import Controllo, Report
from reports.soppressione import avvisi_soppressione
from reports.verifiche.fonti import flussi, trimestri
from reports.verifiche.registro import igrue
from reports.verifiche.somme import somme
from reports.verifiche.testi import non_approvati

Check = Callable[[Report, Parametri, Documento], Iterable[Avviso]]

CONTROLLI: Mapping[str, Check] = {
    Controllo.SOMME: lambda _report, _parametri, documento: somme(documento),
    Controllo.SOPPRESSIONE: lambda _report, _parametri, documento: avvisi_soppressione(documento),
    Controllo.IGRUE: lambda _report, parametri, _documento: igrue(parametri.al),
    Controllo.TRIMESTRI: lambda _report, parametri, _documento: trimestri(parametri),
    Controllo.FLUSSI: lambda report, parametri, documento: flussi(
        report.sorgenti, parametri.provincia, esempi=documento.esempio
    ),
    Controllo.TESTI: lambda report, parametri, _documento: non_approvati(report, parametri.testo),
}
GRAVITA = ("errore", "attenzione", "nota")  # the gravest first


def avvisi(report: Report, parametri: Parametri, documento: Documento) -> tuple[Avviso, ...]:
    """Make the checks that a report declares, whatever the order in which it names them.

    Args:
        documento: of the report, of these parameters.

    Returns:
        What they found, the gravest first; of one gravity, in the order of CONTROLLI.
    """
    found = [
        each
        for name, check in CONTROLLI.items()
        if name in report.controlli
        for each in check(report, parametri, documento)
    ]
    return tuple(sorted(found, key=lambda each: GRAVITA.index(each.gravita)))


def da_decidere(found: Iterable[Avviso]) -> list[Avviso]:
    """Return those over which a report is published only by a recorded decision."""
    return [each for each in found if each.gravita != "nota"]
