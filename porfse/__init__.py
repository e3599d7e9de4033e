"""The kernel: users, places, sources, audit, money, figures, tables, charts.

It knows no word of the programme.
"""

from porfse.celery import app as celery_app

__all__ = ["celery_app"]
