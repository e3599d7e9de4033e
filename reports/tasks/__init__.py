"""Background work on the reports: ids in, never objects; each task may run twice."""

from reports.tasks import calendario, costruzione, invii

__all__ = ["calendario", "costruzione", "invii"]
