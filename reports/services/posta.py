"""Giving a mail to the server: what it answered, in words, and when it is worth trying again."""

import smtplib
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

_DJANGO = f"{EmailBackend.__module__}.{EmailBackend.__qualname__}"
_LONGEST = 500  # characters of an error, as the outbox keeps it
_PERMANENT = 500  # from this code on a server will not take the same mail later (RFC 5321, 4.2.1)
_TEMPORARY = 400  # from this code on it does not take it now
_CREDENTIALS = (530, 534, 535, 538)  # RFC 4954, 6: what is wrong is not the mail
_END = b"\r\n.\r\n"  # of a mail: from here on the server may deliver it
Errore = smtplib.SMTPException | OSError
ERRORI = (smtplib.SMTPException, OSError)


class NonConfermato(Exception):
    """The server was given the whole mail and did not say whether it took it."""


class _Canale(smtplib.SMTP):
    """A conversation that tells breaking off before the mail is handed over from after.

    It may also be broken off from this side, when the worker's time is over.
    """

    _intero = False  # the mail, with its last dot, was given to the network

    def send(self, s: Any) -> None:
        super().send(s)
        self._intero = self._intero or s[-len(_END) :] == _END

    def sendmail(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().sendmail(*args, **kwargs)
        except Exception as broken:
            if isinstance(broken, SoftTimeLimitExceeded):
                self.close()  # no leave is taken of a server that keeps one waiting
            if self._intero and not _refused(broken):
                raise NonConfermato from broken
            raise

    def quit(self) -> tuple[int, bytes]:
        try:
            return super().quit()
        except (smtplib.SMTPException, SoftTimeLimitExceeded) as broken:
            self.close()
            raise smtplib.SMTPServerDisconnected from broken  # the mail is as it was answered


def _refused(error: Exception) -> bool:
    """Say whether the server has answered that it does not take the mail."""
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _TEMPORARY


class _CanaleTls(_Canale, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class Backend(EmailBackend):
    """Django's own, over such a conversation."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _CanaleTls if self.use_ssl else _Canale


def consegna(mail: EmailMessage) -> None:
    """Give a mail to the server; at the end it has taken it.

    Raises:
        NonConfermato: it may have it, or not.
        SMTPException, OSError: it has not; `parole` tells why.
    """
    smtp = settings.EMAIL_BACKEND == _DJANGO
    path = f"{Backend.__module__}.{Backend.__qualname__}" if smtp else None
    mail.connection = get_connection(path)
    try:
        mail.send()
    except SoftTimeLimitExceeded as late:  # before the mail was handed over
        raise TimeoutError from late


def definitivo(error: Errore) -> bool:
    """Say whether the server refuses this mail for good, so that trying again is of no use.

    Who refuses the connection, the credentials or the sender refuses all mails: it is mended.
    """
    code, _ = _answer(error)
    of_this = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    return of_this and code >= _PERMANENT and code not in _CREDENTIALS


def parole(error: Errore) -> str:
    """Return why a mail did not leave, in words for who sends it."""
    code, answer = _answer(error)
    said = f" ({code} {answer})" if code > 0 else ""
    match error:
        case _ if isinstance(error, smtplib.SMTPAuthenticationError) or code in _CREDENTIALS:
            text = f"Il server di posta non accetta le credenziali del cruscotto{said}."
        case smtplib.SMTPRecipientsRefused() if code >= _PERMANENT:
            text = f"Il server di posta rifiuta l'indirizzo{said}."
        case smtplib.SMTPServerDisconnected() | TimeoutError() | ConnectionError():
            text = "Il server di posta non risponde o ha interrotto la comunicazione."
        case smtplib.SMTPDataError() if code >= _PERMANENT:
            text = f"Il server di posta rifiuta il messaggio{said}."
        case _ if code >= _PERMANENT:
            text = f"Il server di posta non accetta messaggi dal cruscotto{said}."
        case _ if code >= _TEMPORARY:
            text = f"Il server di posta chiede di riprovare più tardi{said}."
        case smtplib.SMTPException():
            text = "Il server di posta non accetta il messaggio."
        case _:
            text = "Il server di posta non è raggiungibile."
    return text[:_LONGEST]


def _answer(error: Errore) -> tuple[int, str]:
    """Code and words of the server; 0, or less, where it gave none."""
    code, words = 0, b""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))  # a mail has one address
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return code, " ".join(shown.split())
