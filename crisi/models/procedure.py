from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from crisi.scope import own_provincia, sees_all
from porfse.models import Azienda, Comune, Flow, Provincia, User
from porfse.periods import Periodo


class ProceduraQuerySet(models.QuerySet["Procedura"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; for a nucleo those with a site in its provincia; else none."""
        if sees_all(user):
            return self
        return self.with_site_in(own_provincia(user))

    def editable_by(self, user: User) -> Self:
        """Those with a site in the provincia of the person's nucleo."""
        return self.with_site_in(own_provincia(user))

    def with_site_in(self, sigla: str | None) -> Self:
        if sigla is None:
            return self.none()
        sites = UnitaProduttiva.objects.filter(procedura=OuterRef("pk"), comune__provincia=sigla)
        return self.filter(Exists(sites))

    def counted(self) -> Self:
        """Those that count: not withdrawn."""
        return self.exclude(stato=Procedura.Stato.RITIRATA)

    def running_in(self, periodo: Periodo) -> Self:
        """In corso for at least a day of the period: not ended before it, not begun after it."""
        return self.counted().filter(
            Q(data_fine=None) | Q(data_fine__gte=periodo.inizio), data_avvio__lte=periodo.fine
        )

    def started_in(self, periodo: Periodo) -> Self:
        """Avviate in the period."""
        return self.counted().filter(data_avvio__range=(periodo.inizio, periodo.fine))


class Procedura(models.Model):
    """A crisis procedure of the Linee Guida (DGR 6177/2023): the company's, whatever its sites."""

    class Tipo(models.TextChoices):
        CIGS_MIN = "CIGS_MIN", "CIGS ministeriale"
        CIGS_REG = "CIGS_REG", "CIGS regionale"
        LIC = "LIC", "Licenziamento collettivo"

    class Stato(models.TextChoices):
        APERTA = "aperta", "aperta"
        CONCLUSA = "conclusa", "conclusa"
        RITIRATA = "ritirata", "ritirata"  # entered by mistake, or given up: it does not count

    LINEE_GUIDA = {"CIGS_MIN": ("A",), "CIGS_REG": ("B", "C"), "LIC": ("D",)}

    codice_pratica = models.CharField(
        "numero della pratica",
        max_length=40,
        blank=True,
        help_text="Vuoto finché la pratica non ha un numero.",
    )
    tipo = models.CharField(max_length=8, choices=Tipo)
    linea_guida = models.CharField("linea guida", max_length=1)
    azienda = models.ForeignKey(Azienda, on_delete=models.PROTECT, related_name="procedure")
    causale = models.CharField(max_length=120)
    data_avvio = models.DateField("data di avvio")
    data_fine = models.DateField("data di fine", null=True, blank=True)
    alta_complessita = models.BooleanField("alta complessità", default=False)
    obbligo_pal = models.BooleanField(
        "attivazione delle PAL obbligatoria",
        null=True,
        blank=True,
        help_text="Solo CIGS ministeriali; vuoto se non noto.",
    )
    stato = models.CharField(max_length=8, choices=Stato, default=Stato.APERTA)
    esempio = models.BooleanField("dati di esempio", default=False, editable=False)
    versione = models.PositiveIntegerField(default=1, editable=False)
    campi_a_mano = ArrayField(
        models.CharField(max_length=40),
        default=list,
        editable=False,
        help_text="Campi scritti per ultimo da una persona: un flusso non li cambia da solo.",
    )
    inserita_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    inserita_il = models.DateTimeField(auto_now_add=True)
    aggiornata_il = models.DateTimeField(auto_now=True)

    objects = ProceduraQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_crisi", "Consultare i dati aggregati delle crisi"),
            ("view_procedure", "Consultare le procedure del proprio ambito"),
            ("view_regione", "Consultare le crisi di tutte le province"),
            ("edit_procedure", "Inserire e correggere le procedure della propria provincia"),
            ("load_pal", "Caricare i flussi del monitoraggio trimestrale PAL"),
            ("manage_trimestri", "Validare, restituire e riaprire i trimestri"),
            ("manage_tavoli", "Registrare tavoli, decisioni e seguiti"),
            ("view_cruscotto", "Consultare il cruscotto dei casi ad alta complessità"),
            ("write_note", "Scrivere note sulle procedure"),
        ]
        verbose_name = "procedura"
        verbose_name_plural = "procedure"
        ordering = ["-data_avvio", "-pk"]
        indexes = [
            models.Index(fields=["data_avvio"]),
            models.Index(fields=["azienda", "tipo", "data_avvio"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["codice_pratica", "esempio"],
                condition=~Q(codice_pratica=""),
                name="pratica_unica",
                violation_error_message="Esiste già una procedura con questo numero di pratica.",
            ),
            models.CheckConstraint(
                condition=Q(tipo="CIGS_MIN", linea_guida="A")
                | Q(tipo="CIGS_REG", linea_guida__in=["B", "C"])
                | Q(tipo="LIC", linea_guida="D"),
                name="procedura_linea_guida",
                violation_error_message="La linea guida non è quella del tipo di procedura: A per"
                " le CIGS ministeriali, B o C per le regionali, D per i licenziamenti.",
            ),
            models.CheckConstraint(
                condition=Q(data_fine=None) | Q(data_fine__gte=F("data_avvio")),
                name="procedura_fine_dopo_avvio",
                violation_error_message="La data di fine precede quella di avvio.",
            ),
            models.CheckConstraint(
                condition=~Q(stato="conclusa") | Q(data_fine__isnull=False),
                name="procedura_conclusa_con_fine",
                violation_error_message="Una procedura conclusa ha una data di fine.",
            ),
            models.CheckConstraint(
                condition=Q(obbligo_pal=None) | Q(tipo="CIGS_MIN"),
                name="procedura_obbligo_solo_ministeriali",
                violation_error_message="L'obbligo di attivare le PAL riguarda le CIGS"
                " ministeriali.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tipo_display()} {self.codice_pratica or f'n. {self.pk}'}"

    def get_absolute_url(self) -> str:
        return reverse("crisi:procedura", args=[self.pk])


class UnitaProduttivaQuerySet(models.QuerySet["UnitaProduttiva"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; for a nucleo the sites in its provincia; else none."""
        return self if sees_all(user) else self.editable_by(user)

    def editable_by(self, user: User) -> Self:
        """The sites in the provincia of the person's nucleo."""
        sigla = own_provincia(user)
        return self.none() if sigla is None else self.filter(comune__provincia=sigla)

    def with_pal(self, trimestre: Periodo) -> Self:
        """The sites whose active policies a quarter asks for: of CIGS in corso in it."""
        running = Procedura.objects.running_in(trimestre).exclude(tipo=Procedura.Tipo.LIC)
        return self.filter(procedura__in=running)


class UnitaProduttiva(models.Model):
    """A site of a company in a procedure; `lavoratori` None is not known, which is not zero."""

    procedura = models.ForeignKey(Procedura, on_delete=models.CASCADE, related_name="unita")
    codice = models.CharField("identificativo", max_length=40)
    comune = models.ForeignKey(Comune, on_delete=models.PROTECT, related_name="+")
    lavoratori = models.PositiveIntegerField(
        "lavoratori coinvolti", null=True, blank=True, help_text="Vuoto se non noto."
    )
    presa_in_carico_il = models.DateField(null=True, blank=True, editable=False)
    presa_in_carico_da = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    campi_a_mano = ArrayField(models.CharField(max_length=40), default=list, editable=False)

    objects = UnitaProduttivaQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = "unità produttiva"
        verbose_name_plural = "unità produttive"
        ordering = ["procedura", "codice"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedura", "codice"],
                name="unita_unica",
                violation_error_message="L'identificativo è già di un'altra unità della pratica.",
            ),
            models.CheckConstraint(
                condition=Q(presa_in_carico_il=None, presa_in_carico_da=None)
                | Q(presa_in_carico_il__isnull=False, presa_in_carico_da__isnull=False),
                name="unita_presa_in_carico_con_autore",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.codice}, {self.comune}"


class VersioneProcedura(models.Model):
    """A procedure with its sites as it stood after one change, whole."""

    procedura = models.ForeignKey(Procedura, on_delete=models.CASCADE, related_name="versioni")
    versione = models.PositiveIntegerField()
    contenuto = models.JSONField(help_text="I campi, e le unità sotto `unita`.")
    autore = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    flusso = models.ForeignKey(
        Flow, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    il = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["procedura", "-versione"]
        constraints = [
            models.UniqueConstraint(fields=["procedura", "versione"], name="versione_unica")
        ]

    def __str__(self) -> str:
        return f"{self.procedura}, versione {self.versione}"


class Bozza(models.Model):
    """What a person has typed of a procedure and not yet sent: his own, and nobody else's."""

    autore = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bozze_procedure"
    )
    procedura = models.ForeignKey(
        Procedura, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    dati = models.JSONField(help_text="I campi del modulo come sono stati scritti.")
    aggiornata_il = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "bozze"
        ordering = ["-aggiornata_il"]

    def __str__(self) -> str:
        return f"Bozza {self.pk} di {self.autore}"


class NotaQuerySet(models.QuerySet["Nota"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; a nucleo reads its own, not those of the Region or of another."""
        if sees_all(user):
            return self
        sigla = own_provincia(user)
        return self.none() if sigla is None else self.filter(provincia=sigla)


class Nota(models.Model):
    """A fact or remark on a procedure; `provincia` None is the Region's. Never changed."""

    procedura = models.ForeignKey(Procedura, on_delete=models.CASCADE, related_name="note")
    provincia = models.ForeignKey(
        Provincia, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    testo = models.TextField(max_length=4000)
    autore = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    il = models.DateTimeField(auto_now_add=True)

    objects = NotaQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "note"
        ordering = ["-il", "-pk"]

    def __str__(self) -> str:
        return f"Nota {self.pk} su {self.procedura}"
