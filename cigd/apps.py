from django.apps import AppConfig

from porfse.pages import Page

READ = "cigd.view_cigd"


class CigdConfig(AppConfig):
    name = "cigd"
    verbose_name = "CIGD"
    navigation = (
        Page("Quadro", "cigd:quadro", READ),
        Page("Mesi", "cigd:mesi", READ),
        Page("Comuni", "cigd:comuni", READ),
        Page("Flussi acquisiti", "cigd:per_flusso", READ),
        Page("Pagamenti", "cigd:pagamenti", "cigd.view_pagamenti"),
        Page("Spesa certificabile", "cigd:certificabile", READ),
        Page("Certificazioni", "cigd:certificazioni", READ),
        Page("Verifiche", "cigd:verifiche", "cigd.view_pagamenti"),
        Page("Tassi UE", "cigd:tassi", READ),
    )

    def ready(self) -> None:
        from cigd.figures import Payments
        from cigd.figures_pool import Batch, Declared, Pool
        from cigd.figures_verifiche import Samples
        from cigd.flows import InpsCigd
        from porfse import figures
        from porfse.flows.source import register

        register(InpsCigd())
        figures.register(Payments())
        for source in (Pool, Declared, Batch, Samples):
            figures.register(source())
