from django.apps import AppConfig

from porfse.pages import Page

READ = "reports.view_reports"


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Report"
    navigation = (
        Page("Catalogo", "reports:catalogo", READ),
        Page("Archivio", "reports:archivio", READ),
        Page("Calendario", "reports:calendario", "reports.build_reports"),
        Page("Testi", "reports:testi", "reports.write_texts"),
        Page("Invii", "reports:invii", "reports.send_reports"),
        Page("Destinatari", "reports:destinatari", "reports.send_reports"),
    )

    def ready(self) -> None:
        from porfse import attention
        from reports import report
        from reports.attention import waiting

        report.discover()
        attention.register(waiting)
