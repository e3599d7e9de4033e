"""What became of a flow, for commands: the same figures as its page."""

from decimal import Decimal
from typing import Any

from porfse import money
from porfse.flows.source import source_of
from porfse.models import Flow


def as_json(flow: Flow) -> dict[str, Any]:
    """Return the flow as `import_flow --json` prints it; amounts are texts with two decimals."""
    return {
        "id": flow.pk,
        "source": flow.sorgente,
        "file": flow.nome_file,
        "sha256": flow.sha256,
        "state": flow.stato,
        "rows": flow.righe or 0,
        "accepted": flow.accettate or 0,
        "rejected": flow.scartate or 0,
        "warned": flow.segnalate or 0,
        "codes": flow.codici,
        "amount": _plain(flow.importo),
        "amount_rejected": _plain(flow.importo_scartate),
        "groups": flow.gruppi,
        "message": flow.messaggio,
    }


def _plain(amount: Decimal | None) -> str:
    return format((amount or Decimal(0)).quantize(money.CENT), "f")


def as_text(flow: Flow) -> str:
    """Return the flow in some lines of Italian."""
    lines = [f"Flusso {flow.pk} ({flow.nome_file}): {flow.get_stato_display()}."]
    if flow.righe is not None:
        lines.append(
            f"Righe {money.number(flow.righe)}: accettate {money.number(flow.accettate or 0)},"
            f" scartate {money.number(flow.scartate or 0)},"
            f" segnalate {money.number(flow.segnalate or 0)}."
        )
        source = source_of(flow.sorgente)
        amount = source.amount_text(flow.importo or Decimal(0))
        name = "Importo accettato" if source.euro else f"{source.amount_label}, righe accettate:"
        lines.append(f"{name} {amount}.")
        lines += [
            f"  {code} {money.number(count)}: {source.explain(code)}"
            for code, count in flow.codici.items()
        ]
    if flow.messaggio:
        lines.append(flow.messaggio)
    return "\n".join(lines)
