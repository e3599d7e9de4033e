from django.apps import AppConfig

from porfse.pages import Page


class KernelConfig(AppConfig):
    name = "porfse"
    verbose_name = "Amministrazione"
    navigation = (
        Page("Utenti", "amministrazione:utenti", "porfse.manage_users"),
        Page("Registro delle operazioni", "amministrazione:registro", "porfse.view_audit"),
        Page("Flussi ricevuti", "flussi:flussi", "porfse.view_flows", area="Flussi"),
        Page("Flussi attesi", "flussi:calendario", "porfse.view_flows", area="Flussi"),
    )

    def ready(self) -> None:
        from porfse import attention, checks
        from porfse.flows.attention import waiting

        checks.register()
        attention.register(waiting)
