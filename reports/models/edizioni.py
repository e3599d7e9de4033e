from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from porfse.errors import BadInput
from porfse.models import Provincia, User
from reports.codifica import decode, sha256
from reports.documento import Documento, File, Frontespizio
from reports.report import FORMATI, FuoriCatalogo, Report, declared, reports

READ = "reports.view_reports"
BUILD = "reports.build_reports"


class Illeggibile(BadInput):
    """What is stored of an edition is written as this version of the product does not read it."""

    status = 409


class EdizioneQuerySet(models.QuerySet["Edizione"]):
    def visible_to(self, user: User) -> Self:
        """What a person may read: drafts are of who builds them, what is published of its readers.

        A nucleo reads the provincial reports of its own provincia, not another's. What is not in
        the catalogue any more stays readable, as `FuoriCatalogo` has it.
        """
        every, place = reports(), user.provincia_id
        whole = [report.slug for report in every if user.has_perm(report.permesso)]
        readable = Q(report__in=whole)
        gone = ~Q(report__in=[report.slug for report in every])
        if FuoriCatalogo().readable_by(user):
            readable |= gone
        if place is not None:
            own = [
                report.slug
                for report in every
                if report.permesso_provincia and user.has_perm(report.permesso_provincia)
            ]
            readable |= Q(report__in=own, provincia=place)
            if FuoriCatalogo().readable_by(user, place):
                readable |= gone & Q(provincia=place)
        found = self.filter(readable)
        return found if user.has_perm(BUILD) else found.published()

    def published(self) -> Self:
        return self.filter(stato=Edizione.Stato.PUBBLICATA)

    def in_progress(self) -> Self:
        """What a worker has, or what one that was killed left behind."""
        return self.filter(stato__in=(Edizione.Stato.IN_CODA, Edizione.Stato.IN_COSTRUZIONE))

    def forgotten(self, before: datetime) -> Self:
        """What a killed worker left, or what has waited since before a moment.

        Whether a worker has it after all, only `reports.locks` tells.
        """
        waiting = Q(stato=Edizione.Stato.IN_CODA, in_coda_dal__lte=before)
        return self.filter(waiting | Q(stato=Edizione.Stato.IN_COSTRUZIONE))

    def superseded(self) -> Self:
        """Those that a published one corrects."""
        later = Edizione.objects.published().exclude(rettifica=None).values("rettifica")
        return self.filter(pk__in=later)

    def in_force(self) -> Self:
        """The published ones that no other corrects."""
        later = Edizione.objects.published().exclude(rettifica=None).values("rettifica")
        return self.published().exclude(pk__in=later)


class Edizione(models.Model):
    """One edition of a report for a period and a provincia: a draft, or frozen for good.

    `contenuto` is all that the files are made from (`reports.codifica`); once published, neither it
    nor the files can be changed: the database refuses it (migration 0002).
    """

    class Stato(models.TextChoices):
        IN_CODA = "in_coda", "in coda"
        IN_COSTRUZIONE = "in_costruzione", "in costruzione"
        BOZZA = "bozza", "bozza"
        FALLITA = "fallita", "costruzione non riuscita"
        INTERROTTA = "interrotta", "costruzione interrotta"
        SCARTATA = "scartata", "scartata"
        PUBBLICATA = "pubblicata", "consolidato"

    report = models.SlugField("report", max_length=40)
    periodo = models.CharField(max_length=10, help_text="`2025-B5`, `2021-09-30`")
    al = models.DateField("ultimo giorno dei dati")
    provincia = models.ForeignKey(
        Provincia,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Vuota: report regionale.",
    )
    edizione = models.PositiveIntegerField(default=1)
    rettifica = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rettificata_da",
        help_text="L'edizione che questa sostituisce.",
    )
    errata = models.TextField("nota di rettifica", max_length=2000, blank=True)
    stato = models.CharField(max_length=14, choices=Stato, default=Stato.IN_CODA)
    esempio = models.BooleanField("dati di esempio", default=False, editable=False)
    contenuto = models.TextField(blank=True, editable=False)
    contenuto_sha256 = models.CharField("SHA-256 dei dati", max_length=64, blank=True)
    richiesta_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    richiesta_il = models.DateTimeField(help_text="Quando è stata chiesta l'ultima costruzione.")
    dal_calendario = models.BooleanField(
        default=False, editable=False, help_text="Chiesta la prima volta alla scadenza."
    )
    in_coda_dal = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Da quando un elaboratore la può prendere.",
    )
    costruita_il = models.DateTimeField(null=True, blank=True)
    millisecondi = models.PositiveIntegerField("durata della costruzione", null=True, blank=True)
    tentativi = models.PositiveSmallIntegerField(default=0)
    interrotta_da = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Chi ha chiesto di interrompere la costruzione in corso.",
    )
    messaggio = models.TextField("motivo", max_length=2000, blank=True)
    anno = models.PositiveSmallIntegerField("anno del numero", null=True, blank=True)
    numero = models.PositiveIntegerField(null=True, blank=True)
    pubblicata_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pubblicata_il = models.DateTimeField(null=True, blank=True)
    decisione = models.TextField(
        max_length=2000, blank=True, help_text="Perché si pubblica nonostante le segnalazioni."
    )

    objects = EdizioneQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_reports", "Consultare i report"),
            ("build_reports", "Costruire i report e vedere le bozze"),
            ("publish_reports", "Pubblicare e rettificare i report"),
            ("send_reports", "Inviare i report e gestire i destinatari"),
            ("write_texts", "Scrivere i testi dei report"),
            ("review_texts", "Approvare i testi dei report"),
        ]
        verbose_name = "edizione di un report"
        verbose_name_plural = "edizioni dei report"
        ordering = ["-al", "report", F("provincia").asc(nulls_first=True), "-edizione"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "periodo", "provincia", "edizione"],
                nulls_distinct=False,
                name="edizione_unica",
                violation_error_message="Il report esiste già per questo periodo.",
            ),
            models.UniqueConstraint(fields=["anno", "numero"], name="edizione_numero_unico"),
            models.CheckConstraint(
                condition=Q(
                    stato="pubblicata",
                    numero__isnull=False,
                    anno__isnull=False,
                    pubblicata_da__isnull=False,
                    pubblicata_il__isnull=False,
                )
                & ~Q(contenuto="")
                | ~Q(stato="pubblicata")
                & Q(numero=None, anno=None, pubblicata_da=None, pubblicata_il=None),
                name="edizione_pubblicata_intera",
            ),
            models.CheckConstraint(
                condition=Q(rettifica=None, edizione=1, errata="")
                | Q(rettifica__isnull=False, edizione__gt=1) & ~Q(errata=""),
                name="edizione_rettificata_con_nota",
            ),
            models.CheckConstraint(
                condition=Q(contenuto="") | Q(contenuto_sha256__regex="^[0-9a-f]{64}$"),
                name="edizione_contenuto_con_impronta",
            ),
        ]

    def __str__(self) -> str:
        place = f", {self.provincia}" if self.provincia_id else ""
        return f"{self.dichiarazione.titolo}, {self.periodo_nome}{place}"

    def get_absolute_url(self) -> str:
        return reverse("reports:edizione", args=[self.pk])

    @property
    def dichiarazione(self) -> Report:
        return declared(self.report)

    @property
    def periodo_nome(self) -> str:
        return self.dichiarazione.nome_periodo(self.periodo)

    @property
    def numero_completo(self) -> str:
        """`12/2026`; empty until it is published."""
        return f"{self.numero}/{self.anno}" if self.numero else ""

    @property
    def pubblicata(self) -> bool:
        return self.stato == self.Stato.PUBBLICATA

    def dati(self) -> tuple[Documento, Frontespizio]:
        """Return what the files were made from; there is nothing before the first build.

        Raises:
            Illeggibile: it is written in another form than today's.
        """
        try:
            return decode(self.contenuto)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Illeggibile(
                "I dati di questa edizione sono scritti in una forma che questa versione"
                " dell'applicazione non legge: restano i file. Una bozza si può ricostruire."
            ) from error


class FileEdizione(models.Model):
    """A file of an edition, kept in the database: it is saved, frozen and restored with it."""

    edizione = models.ForeignKey(Edizione, on_delete=models.CASCADE, related_name="file")
    formato = models.CharField(max_length=5, choices=FORMATI.items())
    nome = models.CharField(max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    dimensione = models.PositiveIntegerField(help_text="Byte.")
    contenuto = models.BinaryField()

    class Meta:
        default_permissions = ()
        verbose_name = "file di un report"
        verbose_name_plural = "file dei report"
        ordering = ["edizione", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edizione", "formato"], name="file_uno_per_formato")
        ]

    def __str__(self) -> str:
        return self.nome

    @classmethod
    def of(cls, edizione: Edizione, file: File) -> Self:
        """Return the row of a file, not yet written."""
        return cls(
            edizione=edizione,
            formato=file.formato,
            nome=file.nome,
            sha256=sha256(file.contenuto),
            dimensione=len(file.contenuto),
            contenuto=file.contenuto,
        )
