"""The EU rate that the law gives."""

from decimal import Decimal

from cigd.models import TassoUE
from porfse.models import User


def load(*, by: User) -> None:
    """Enter the rate of 2020/2021, unless somebody has entered another."""
    TassoUE.objects.get_or_create(
        anno=2020,
        defaults={
            "tasso": Decimal(1),
            "motivazione": "Art. 242 del D.L. 34/2020: cofinanziamento UE fino al 100% delle spese"
            " dichiarate dal 1° luglio 2020 al 30 giugno 2021 per l'emergenza Covid-19",
            "inserito_da": by,
        },
    )
