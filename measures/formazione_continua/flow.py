"""The flow `voucher-formazione`: the vouchers with the state that each has come to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from measures.flows.confronto import Confronto
from measures.flows.nomi import SENZA_NOME
from measures.flows.source import CODES, MisuraSource, comuni
from measures.formazione_continua import rules
from measures.formazione_continua.example import ROWS, vouchers
from measures.formazione_continua.models import Voucher
from porfse.flows import columns as c
from porfse.flows.late import Late
from porfse.flows.source import Checker, PartialChecker
from porfse.models import Flow


class VoucherFormazione(MisuraSource):
    slug = "voucher-formazione"
    nome = "Voucher di Formazione Continua"
    misura = rules.MISURA
    columns = (
        c.Testo("id_voucher", longest=40, distinct=True, aliases=("identificativo",)),
        c.CodiceAzienda("codice_fiscale_azienda", aliases=("cf_azienda",)),
        c.Testo("denominazione_azienda", required=False, aliases=("ragione sociale", "azienda")),
        c.CodiceFiscale("codice_fiscale_lavoratore", aliases=("cf_lavoratore",)),
        c.Noto("comune_istat", comuni, code="E005", aliases=("codice_istat_comune",)),
        c.Testo("corso"),
        c.Scelta("modalita", Voucher.Modalita.values),
        c.Giorno("data_concessione"),
        c.Importo("importo", aliases=("importo_concesso",)),
        c.Scelta("stato", Voucher.Stato.values),
        c.Giorno("data_liquidazione", required=False),
    )
    key = "id_voucher"
    amount = "importo"
    group = "(SELECT provincia_id FROM porfse_comune WHERE codice_istat = s.comune_istat)"
    group_label = "Provincia"
    personal = ("codice_fiscale_lavoratore",)
    example_rows = ROWS
    codes = CODES | {
        "E003": "importo non leggibile, uguale a zero o negativo",
        "E004": "data non leggibile, impossibile o nel futuro, o liquidazione prima della"
        " concessione",
        "E042": "con questa riga il lavoratore supera il massimale dei suoi voucher (contano quelli"
        " già acquisiti e le righe precedenti per data e identificativo, non i revocati)",
        "E043": "con questa riga l'impresa supera il massimale dei suoi voucher (contano quelli"
        " già acquisiti e le righe precedenti per data e identificativo, non i revocati)",
        "W406": "possibile doppio pagamento: un altro identificativo ha già lo stesso liquidato per"
        " la stessa impresa, lo stesso lavoratore e lo stesso corso",
    }
    campi = {
        "comune_id": "s.comune_istat",
        "stato": "s.stato",
        "data_inizio": "s.data_concessione",
        "data_ammissione": "s.data_concessione",  # a voucher begins as granted
        # What is optional and comes empty is not known here: what was known stays.
        "data_liquidazione": "coalesce(s.data_liquidazione, t.data_liquidazione)",
        "concesso": "s.importo",
        "liquidato": "(CASE WHEN s.stato = 'liquidato' THEN s.importo END)",
        "codice_fiscale_lavoratore": "s.codice_fiscale_lavoratore",
        "corso": "s.corso",
        "modalita": "s.modalita",
    }
    passi = {
        "concesso": ("rendicontato", "liquidato", "revocato"),
        "rendicontato": ("liquidato", "revocato"),
    }
    pagato = Voucher.Stato.LIQUIDATO.value
    titolari = ("codice_fiscale_lavoratore",)
    uguali = ("codice_fiscale_lavoratore", "corso", "liquidato")
    giorni = {"concesso": "data_inizio", "liquidato": "data_liquidazione"}
    nome_azienda = f"coalesce(s.denominazione_azienda, '{SENZA_NOME}')"

    def checker(self) -> Checker:
        amount = self.position("importo")
        return lambda cells: ("E003",) if cells[amount][0] == "-" else ()

    def refused_checker(self) -> PartialChecker:
        amount = self.position("importo")
        return lambda cells: ("E003",) if (cells[amount] or "")[:1] == "-" else ()

    def more_errors(self, comparison: Confronto, late: Late) -> int:
        return rules.beyond_ceilings(comparison, late)

    def obstacle(self, flow: Flow) -> str:
        return super().obstacle(flow) or rules.no_room(flow, self.declared())

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return vouchers(rows=rows, seed=seed, defects=defects)
