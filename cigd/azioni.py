"""Which azione a payment is eligible under: our reading of «imprese ubicate» (settings, DOMAIN)."""

from django.conf import settings

AZIONE_COMUNI, AZIONE_ALTRI = "8.6.1", "9.8.1"


def azione_sql(comune: str) -> str:
    """Return SQL for the azione that a comune decides (settings.CIGD_COMUNI_861)."""
    listed = ", ".join(f"'{code}'" for code in settings.CIGD_COMUNI_861)
    return f"CASE WHEN {comune} IN ({listed}) THEN '{AZIONE_COMUNI}' ELSE '{AZIONE_ALTRI}' END"
