"""Files sent by a browser: written to the folder of the flows, and hashed, while they come in.

Nothing of them is ever whole in memory, nor anywhere else on the disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from porfse.errors import BadInput
from porfse.flows.files import Incoming, Stored, folder

FIELD = "file"


class SentFile(UploadedFile):
    """A file that has come in; `stored` is where it is."""

    def __init__(self, stored: Stored, **fields: Any) -> None:
        super().__init__(file=None, size=stored.dimensione, **fields)
        self.stored = stored

    def close(self) -> None:
        """It was closed when its last block was written."""


class StreamingHandler(FileUploadHandler):
    """Writes the one file of the form as it comes in.

    A file that is too large, or does not fit on the disk, is removed at once, and the rest of it is
    read without being kept: so the answer reaches a browser that is still sending.

    Attributes:
        refusal: why the file was not kept; the view shows it.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.refusal: BadInput | None = None
        self._incoming: Incoming | None = None
        self._stored: Stored | None = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self._incoming or self.refusal:
            raise SkipFile
        with self._refusing():
            self._incoming = Incoming()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._incoming and not self.refusal:
            with self._refusing():
                self._incoming.write(raw_data)

    def file_complete(self, file_size: int) -> SentFile | None:
        if self._incoming and not self.refusal:
            with self._refusing():
                self._stored = self._incoming.finish()
        if self._stored is None:
            return None
        return SentFile(self._stored, name=self.file_name, content_type=self.content_type)

    def abandon(self) -> None:
        """Remove what was written, unless it was kept."""
        if self._incoming:
            self._incoming.abandon()
        if self._stored:
            (folder() / self._stored.percorso).unlink(missing_ok=True)

    def keep(self) -> None:
        """The file has its flow: it stays."""
        self._stored = None

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except BadInput as refusal:
            self.refusal = refusal


@contextmanager
def receiving(request: HttpRequest) -> Iterator[StreamingHandler]:
    """Let a request bring a file; unless somebody keeps it, it goes when the request ends.

    To be entered before anything reads `request.POST`, the protection against forgery included.
    """
    handler = StreamingHandler(request)
    request.upload_handlers = [handler]
    try:
        yield handler
    finally:
        handler.abandon()
