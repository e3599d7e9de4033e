"""The tables of the certifiable expenditure and of its certification."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_tables2 as tables
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cigd.models import Lotto, LottoAzione, LottoRiga, SintesiPool, Spostamento, TassoUE
from porfse import money
from porfse.tables import (
    LONG,
    NUMERIC,
    CifraColumn,
    DataColumn,
    ImportoColumn,
    NumeroColumn,
    Tabella,
)

TOTAL = {"class": lambda record: "totale" if record.get("riga_totale") else None}


class PoolTable(Tabella):
    """Sums by flow, azione and state."""

    caption = "Somme per flusso, azione e stato"
    flusso = tables.Column(accessor="flusso_id", orderable=False)
    azione = tables.Column(accessor="azione_id", orderable=False)
    stato = tables.Column(accessor="get_stato_display", orderable=False)
    pagamenti = NumeroColumn(orderable=False)
    recuperi = NumeroColumn(orderable=False)
    importo = ImportoColumn(orderable=False)
    taglio = ImportoColumn(verbose_name="Decurtazioni", orderable=False)
    netto = ImportoColumn(empty_values=(), orderable=False)

    class Meta:
        model = SintesiPool
        fields = (
            *("flusso", "azione", "stato", "pagamenti", "recuperi"),
            *("importo", "taglio", "netto"),
        )

    def render_netto(self, record: SintesiPool) -> str:
        return money.euro(record.importo - record.taglio)

    def value_netto(self, record: SintesiPool) -> Decimal:
        return record.importo - record.taglio


class MassimaliTable(Tabella):
    """Caps by azione: what is certified, what may still be, what waits."""

    caption = "Massimali e spesa certificabile per azione"
    azione = tables.Column(orderable=False)
    massimale = CifraColumn()
    certificata = CifraColumn(verbose_name="Certificata")
    residuo = CifraColumn(verbose_name="Certificabile entro il massimale")
    certificabile = CifraColumn(verbose_name="Spesa certificabile")
    margine = CifraColumn(verbose_name="Margine (se negativo: eccedenza)")


class StatiTable(Tabella):
    """Amounts and numbers by state and azione."""

    caption = "Pagamenti per stato"
    stato = tables.Column(orderable=False)
    numero_861 = CifraColumn(verbose_name="8.6.1, numero")
    importo_861 = CifraColumn(verbose_name="8.6.1, importo")
    numero_981 = CifraColumn(verbose_name="9.8.1, numero")
    importo_981 = CifraColumn(verbose_name="9.8.1, importo")
    totale = CifraColumn(verbose_name="Totale")

    class Meta:
        row_attrs: ClassVar = TOTAL


class FlussiPoolTable(Tabella):
    """The flows that count, with their check."""

    caption = "Flussi acquisiti"
    empty = "Nessun flusso acquisito."
    flusso = tables.Column(orderable=False)
    controllo = tables.Column(orderable=False, attrs=LONG)
    da_verificare = CifraColumn()
    certificabile = CifraColumn()
    certificato = CifraColumn()
    altro = CifraColumn(verbose_name="Sospeso, non ammissibile, ritirato")

    opens = False  # whether the reader may open the page of a flow

    def before_render(self, request: HttpRequest) -> None:
        self.opens = request.user.has_perm("cigd.view_pagamenti")

    def render_flusso(self, value: int) -> SafeString | str:
        if not self.opens:
            return self.value_flusso(value)
        url = reverse("cigd:certificabile_flusso", args=[value])
        return format_html('<a href="{}">{}</a>', url, self.value_flusso(value))

    def value_flusso(self, value: int) -> str:
        return f"Flusso {value}"


class SegnalazioniTable(Tabella):
    """The warnings of a flow by code; and how many of them nobody has decided on."""

    caption = "Segnalazioni del flusso"
    empty = "Nessuna segnalazione."
    codice = tables.Column(orderable=False)
    righe = NumeroColumn(orderable=False)
    da_decidere = NumeroColumn(
        # On two lines, so that the words of the code stay in sight on a telephone.
        verbose_name="Da decidere",
        orderable=False,
        attrs={**NUMERIC, "th": {"class": "numero a-capo"}},
    )
    spiegazione = tables.Column(orderable=False)

    def render_righe(self, record: dict[str, Any], value: int) -> SafeString:
        query = urlencode({"flusso": record["flusso"], "segnalazione": record["codice"]})
        return format_html(
            '<a href="{}?{}">{}</a>', reverse("cigd:pagamenti"), query, money.number(value)
        )

    def value_righe(self, value: int) -> int:
        return value


class SpostamentiTable(Tabella):
    caption = "Spostamenti decisi"
    empty = "Nessuno spostamento."
    atto = tables.Column(orderable=False)
    motivo = tables.Column(orderable=False, attrs=LONG)
    deciso_il = DataColumn(verbose_name="Deciso il", orderable=False)
    pagamenti = NumeroColumn(default="in corso", orderable=False)
    importo = ImportoColumn(default="in corso", orderable=False)

    class Meta:
        model = Spostamento
        fields = ("atto", "motivo", "deciso_il", "pagamenti", "importo")


class LottiTable(Tabella):
    caption = "Lotti di certificazione"
    empty = "Nessun lotto."
    lotto = tables.Column(orderable=False)
    stato = tables.Column(accessor="lotto__get_stato_display", orderable=False)
    domanda = tables.Column(
        accessor="lotto__domanda_numero", verbose_name="Domanda di pagamento", orderable=False
    )
    data = DataColumn(
        accessor="lotto__domanda_data", verbose_name="Data della domanda", orderable=False
    )
    anno = tables.Column(
        accessor="lotto__anno_contabile", verbose_name="Anno contabile", orderable=False
    )
    importo = CifraColumn()

    def render_lotto(self, value: Lotto) -> SafeString:
        return format_html('<a href="{}">{}</a>', value.get_absolute_url(), self.value_lotto(value))

    def value_lotto(self, value: Lotto) -> str:
        return f"{value} (esempio)" if value.esempio else str(value)

    def is_example(self, record: Mapping[str, Any]) -> bool:
        return record["lotto"].esempio


class LottoTable(Tabella):
    """A batch by azione: what enters, by cause, against its cap."""

    caption = "Che cosa entra nel lotto"
    azione = tables.Column(orderable=False)
    massimale = CifraColumn()
    gia_certificato = CifraColumn(verbose_name="Già certificata")
    pagamento = CifraColumn(verbose_name="Pagamenti")
    recupero = CifraColumn(verbose_name="Recuperi INPS")
    ritiro = CifraColumn(verbose_name="Ritiri")
    decurtazione = CifraColumn(verbose_name="Decurtazioni")
    importo = CifraColumn(verbose_name="Importo del lotto")
    quota_ue = CifraColumn(verbose_name="Quota UE")

    class Meta:
        row_attrs: ClassVar = TOTAL


class AttesaTable(Tabella):
    """What stays outside a batch, and why."""

    caption = "Che cosa attende, e perché"
    azione = tables.Column(orderable=False)
    attesa_importo = CifraColumn(verbose_name="Non entra nel massimale")
    successivi_importo = CifraColumn(verbose_name="Pagato dopo la data della domanda")
    attesa_recuperi_importo = CifraColumn(verbose_name="Recuperi di pagamenti non certificati")


class LottoRigheTable(Tabella):
    """The sums of a batch by flow, azione and cause."""

    caption = "Voci del lotto per flusso"
    lotto = tables.Column(orderable=False)
    azione = tables.Column(accessor="azione_id", orderable=False)
    flusso = tables.Column(accessor="flusso_id", orderable=False)
    causale = tables.Column(accessor="get_causale_display", orderable=False)
    numero = NumeroColumn(orderable=False)
    importo = ImportoColumn(orderable=False)

    class Meta:
        model = LottoRiga
        fields = ("lotto", "azione", "flusso", "causale", "numero", "importo")


class LottoAzioneTable(Tabella):
    """What a batch keeps of an azione."""

    caption = "Dati del lotto per azione"
    lotto = tables.Column(orderable=False)
    azione = tables.Column(accessor="azione_id", orderable=False)
    massimale = ImportoColumn(orderable=False)
    gia_certificato = ImportoColumn(verbose_name="Già certificata", orderable=False)
    importo = ImportoColumn(orderable=False)
    quota_ue = ImportoColumn(verbose_name="Quota UE", orderable=False)
    attesa_pagamenti = NumeroColumn(verbose_name="Non entrano: pagamenti", orderable=False)
    attesa_importo = ImportoColumn(verbose_name="Non entrano: importo", orderable=False)
    successivi_importo = ImportoColumn(verbose_name="Pagati dopo la domanda", orderable=False)
    attesa_recuperi_importo = ImportoColumn(verbose_name="Recuperi in attesa", orderable=False)

    class Meta:
        model = LottoAzione
        fields = (
            *("lotto", "azione", "massimale", "gia_certificato", "importo", "quota_ue"),
            *("attesa_pagamenti", "attesa_importo", "successivi_importo"),
            "attesa_recuperi_importo",
        )


class TassiTable(Tabella):
    caption = "Tassi UE per anno contabile"
    empty = "Nessun tasso inserito: senza tasso non si certifica."
    anno_contabile = tables.Column(orderable=False)
    tasso = tables.Column(verbose_name="Tasso UE", orderable=False, attrs=NUMERIC)
    motivazione = tables.Column(orderable=False, attrs=LONG)
    inserito_da = tables.Column(verbose_name="Inserito da", orderable=False)
    inserito_il = DataColumn(verbose_name="Inserito il", orderable=False)

    class Meta:
        model = TassoUE
        fields = ("anno_contabile", "tasso", "motivazione", "inserito_da", "inserito_il")

    def render_tasso(self, value: Decimal) -> str:
        return f"{money.number(value * 100, 2)}%"

    def value_tasso(self, value: Decimal) -> Decimal:
        return value
