"""The flow `domande-smart-working`: the applications with the state that each has come to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from measures.flows.confronto import Confronto
from measures.flows.source import CODES, MisuraSource, comuni
from measures.smart_working import rules
from measures.smart_working.classi import class_sql
from measures.smart_working.example import ROWS, applications
from measures.smart_working.models import Domanda
from porfse.flows import columns as c
from porfse.flows.source import Checker, PartialChecker


class DomandeSmartWorking(MisuraSource):
    slug = "domande-smart-working"
    nome = "Domande di Smart Working"
    misura = rules.MISURA
    columns = (
        c.Testo("id_domanda", longest=40, distinct=True, aliases=("identificativo",)),
        c.CodiceAzienda("codice_fiscale_azienda", aliases=("codice_fiscale", "cf_azienda")),
        c.Testo("denominazione_azienda", aliases=("ragione sociale", "azienda")),
        c.Noto("comune_istat", comuni, code="E005", aliases=("codice_istat_comune",)),
        c.Testo("ateco", longest=10, required=False, aliases=("codice_ateco",)),
        c.Intero("dipendenti", least=1, aliases=("numero_dipendenti",)),
        c.Scelta("addendum_covid", ("S", "N")),
        c.Scelta("azione_a", ("S", "N")),
        c.Scelta("azione_b", ("S", "N")),
        c.Scelta("stato", Domanda.Stato.values),
        c.Giorno("data_presentazione"),
        c.Importo("importo_ammesso", zero=True, required=False),
        c.Importo("importo_liquidato", zero=True, required=False),
        c.Giorno("data_ammissione", required=False),
        c.Giorno("data_liquidazione", required=False),
    )
    key = "id_domanda"
    amount = "importo_ammesso"
    amount_label = "Importo ammesso"
    group = class_sql("s.dipendenti")
    group_label = "Classe dimensionale"
    example_rows = ROWS
    codes = CODES | {
        "E001": "manca un valore obbligatorio, o il valore non è fra quelli ammessi;"
        " dall'ammissione in poi serve l'importo ammesso, per le liquidate anche quello liquidato",
        "E003": "importo non leggibile o negativo, o importo ammesso uguale a zero in una domanda"
        " ammessa",
        "E004": "data non leggibile, impossibile o nel futuro, o prima di quella che la precede"
        " (presentazione, ammissione, liquidazione)",
        "E021": "numero di dipendenti che non è un intero maggiore di zero",
        "E040": "importo liquidato maggiore di quello ammesso",
        "E041": "importo liquidato senza l'azione A: l'avviso la richiede per riconoscere la spesa",
        "W402": "importo ammesso diverso da quello della griglia dell'avviso per quei dipendenti",
        "W403": "impresa la cui classe dimensionale cambia fra le sue domande",
        "W404": "importo liquidato in una domanda che non è liquidata: non entra nei pagamenti",
    }
    campi = {
        "comune_id": "s.comune_istat",
        "stato": "s.stato",
        "data_inizio": "s.data_presentazione",
        # What is optional and comes empty is not known here: what was known stays.
        "data_ammissione": "coalesce(s.data_ammissione, t.data_ammissione)",
        "data_liquidazione": "coalesce(s.data_liquidazione, t.data_liquidazione)",
        "concesso": "s.importo_ammesso",
        "liquidato": "s.importo_liquidato",
        "dipendenti": "s.dipendenti",
        "ateco": "coalesce(s.ateco, t.ateco, '')",
        "addendum_covid": "(s.addendum_covid = 'S')",
        "azione_a": "(s.azione_a = 'S')",
        "azione_b": "(s.azione_b = 'S')",
    }
    passi = rules.PASSI
    pagato = Domanda.Stato.LIQUIDATA.value
    giorni = {
        "presentata": "data_inizio",
        "ammessa": "data_ammissione",
        "non_ammessa": "data_ammissione",
        "liquidata": "data_liquidazione",
    }
    ateco_azienda = "coalesce(s.ateco, '')"

    def checker(self) -> Checker:
        return rules.RowCheck(self.position).codes

    def refused_checker(self) -> PartialChecker:
        return rules.RowCheck(self.position).errors

    def more_warnings(self, comparison: Confronto) -> None:
        rules.class_changed(comparison)

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return applications(rows=rows, seed=seed, defects=defects)
