"""Tables of Smart Working."""

import django_tables2 as tables

from porfse.tables import LONG, CifraColumn, ImportoColumn, NumeroColumn, Tabella


class ScaglioniTable(Tabella):
    """The call's grid by employees."""

    da = NumeroColumn("Da dipendenti", orderable=False)
    a = NumeroColumn("A dipendenti", orderable=False, default="e oltre")
    importo = ImportoColumn("Contributo", orderable=False)


class GrigliaTable(Tabella):
    """The published amounts of the classes against what the grid gives."""

    nome = tables.Column("Classe", orderable=False, attrs=LONG)
    pubblicato = CifraColumn(verbose_name="Importo pubblicato", style="short")
    griglia = CifraColumn(verbose_name="Numero × griglia")
    differenza = CifraColumn(verbose_name="Differenza", style="short")


class DivisioniTable(Tabella):
    """ATECO divisions of the acquired rows."""

    divisione = tables.Column("Divisione ATECO", orderable=False)
    nome = tables.Column("Settore come stampato", orderable=False, attrs=LONG)
    numero = CifraColumn(style="short")
    concesso = CifraColumn(verbose_name="Ammesso", style="short")
