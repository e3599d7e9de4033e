"""A mail server that does what a test wants of it, on a port of its own."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

REFUSED = "550 5.1.1 Utente sconosciuto"
GREYLISTED = "451 4.7.1 Riprovare fra qualche minuto"


@dataclass
class Posta:
    """What the server does, and what it took.

    Attributes:
        risposte: what it answers to a command (`RCPT`, `DATA`, the end of the mail as `.`) in
            place of its usual answer; empty breaks off.
        volte: how often it gives such an answer before the usual one; always, if not told.
        attese: seconds that it waits before it answers to a command.
        gocce: to what it answers a line at a time, and never comes to an end.
        morso: bytes of a mail after which it breaks off; it reads them all, if not told.
        prese: the mails that it took or was given whole, with the address they were for.
        durante: called while it has the mail and has not answered yet.
    """

    risposte: dict[str, str] = field(default_factory=dict)
    volte: dict[str, int] = field(default_factory=dict)
    attese: dict[str, float] = field(default_factory=dict)
    gocce: set[str] = field(default_factory=set)
    morso: int = 0
    prese: list[tuple[str, EmailMessage]] = field(default_factory=list)
    durante: object = None
    porta: int = 0

    @property
    def indirizzi(self) -> list[str]:
        return [address for address, _ in self.prese]


class _Session(socketserver.StreamRequestHandler):
    posta: Posta

    def handle(self) -> None:
        address, words = "", "220 prova ESMTP"
        while self._say(words):
            line = self.rfile.readline().decode().strip()
            if not line:
                return
            verb = line.split()[0].upper()
            if verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
            if verb == "DATA" and self._say(self._answer("DATA", "354 avanti")):
                if self.posta.morso:
                    self.rfile.read(self.posta.morso)
                    return
                self._take(address)
                verb = "."
            elif verb == "DATA":
                return
            words = self._answer(verb, "221 addio" if verb == "QUIT" else "250 bene")
            if verb == "QUIT":
                self._say(words)
                return

    def _take(self, address: str) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self.posta.prese.append((address, mail))
        if self.posta.durante is not None:
            self.posta.durante()

    def _answer(self, verb: str, usual: str) -> str:
        while verb in self.posta.gocce and self._say("250-ancora"):
            time.sleep(0.05)
        time.sleep(self.posta.attese.get(verb, 0))
        left = self.posta.volte.get(verb, 1)
        if verb in self.posta.volte:
            self.posta.volte[verb] = left - 1
        return self.posta.risposte.get(verb, usual) if left > 0 else usual

    def _say(self, words: str) -> bool:
        if not words:
            return False
        try:
            self.wfile.write(f"{words}\r\n".encode())
        except OSError:  # the other side is tired of waiting
            return False
        return True


@contextmanager
def running() -> Iterator[Posta]:
    """Run a server while the block lasts."""
    posta = Posta()
    handler = type("Session", (_Session,), {"posta": posta})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        posta.porta = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield posta
        finally:
            server.shutdown()
            thread.join()
