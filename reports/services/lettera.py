"""The letter that carries an edition: words and files for the page and for the mail alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from reports.models import Edizione, FileEdizione, Invio

ALLEGATI = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Lettera:
    """A letter before it has an address.

    Attributes:
        allegati: the files that go with it, without their content; none if they are too large.
        pesante: they are, and the letter sends to the page of the report instead.
    """

    oggetto: str
    testo: str
    allegati: tuple[FileEdizione, ...]
    pesante: bool

    @property
    def dimensione(self) -> int:
        """Bytes of the files."""
        return sum(item.dimensione for item in self.allegati)


def lettera(edizione: Edizione) -> Lettera:
    """Return the letter of a published edition."""
    files = edizione.file.filter(formato__in=ALLEGATI).defer("contenuto").order_by("pk")
    every = tuple(files)
    heavy = _travelling(every) > settings.REPORTS_MAIL_MAX_BYTES
    attached = () if heavy else every
    documento, fronte = edizione.dati()
    context = {
        "documento": documento,
        "fronte": fronte,
        "allegati": attached,
        "pesante": heavy,
        "url": f"{settings.PUBLIC_URL.rstrip('/')}{edizione.get_absolute_url()}",
    }
    return Lettera(
        oggetto=_subject(edizione, esempio=documento.esempio),
        testo=render_to_string("reports/mail/report.txt", context),
        allegati=attached,
        pesante=heavy,
    )


def messaggio(invio: Invio) -> EmailMessage:
    """Return the mail to one address, with its files.

    A second mail of the same sending bears the same Message-ID, by which servers know it again.
    """
    letter = lettera(invio.edizione)
    mail = EmailMessage(letter.oggetto, letter.testo, to=[invio.email])
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    mail.extra_headers["Message-ID"] = f"<report-{invio.edizione_id}-{invio.pk}@{host}>"
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    for item in letter.allegati:
        content = FileEdizione.objects.values_list("contenuto", flat=True).get(pk=item.pk)
        mail.attach(item.nome, bytes(content), ALLEGATI[item.formato])
    return mail


def _subject(edizione: Edizione, *, esempio: bool) -> str:
    mark = "DATI DI ESEMPIO · " if esempio else ""
    return f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{mark}{edizione}: n. {edizione.numero_completo}"


def _travelling(files: Sequence[FileEdizione]) -> int:
    """Bytes of files in a mail: four for three, and the ends of lines of 76."""
    return sum(-(-item.dimensione // 3) * 4 * 78 // 76 for item in files)
