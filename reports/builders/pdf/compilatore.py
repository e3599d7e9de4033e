"""Typst as it is used here: one compiler for the process, our template, our typeface.

A worker must compile only after it was forked: the threads of the compiler do not follow a fork.
"""

import json
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from typst import Compiler, Fonts, TypstError

from porfse import fonts
from reports.builders.pdf.caratteri import stampabile

_TEMPLATES = Path(__file__).resolve().parents[2] / "typst"
_NOT_SHOWN = "could not be displayed"
_AGES = 10  # compilations through which typst keeps what it remembers of a document
_LOCK = Lock()  # a compiler works on one document at a time


def compila(contenuto: dict[str, Any], al: date) -> bytes:
    """Set a document with the template of the reports.

    Args:
        contenuto: what `documento.typ` reads; its characters are made such as can be shown.
        al: the date of the file.
    """
    try:
        return _compiled(stampabile(contenuto, mostrabile), al)
    except TypstError as error:
        # Signs that are shown alone may not be so joined: then only those of our typeface.
        if _NOT_SHOWN not in error.message:
            raise
        return _compiled(stampabile(contenuto, lambda _: False), al)


@cache
def mostrabile(carattere: str) -> bool:
    """Say whether one of the typefaces has a character; asks the compiler itself (1 ms)."""
    try:
        _compile("carattere.typ", {"carattere": carattere}, datetime.min.replace(tzinfo=UTC))
    except TypstError as error:
        if _NOT_SHOWN not in error.message:
            raise
        return False
    return True


def _compiled(contenuto: dict[str, Any], al: date) -> bytes:
    text = json.dumps(contenuto, ensure_ascii=False, separators=(",", ":"))
    try:
        return _compile("documento.typ", {"documento": text}, datetime.combine(al, time(), UTC))
    finally:
        _forget()


def _forget() -> None:
    """Let go of what is remembered of a document, which can be 300 MiB: the next is another one.

    The compiler has no call for it; compiling nothing a few times is one. Done less often, building
    is a tenth faster, and the memory of a worker keeps growing.
    """
    with _LOCK:
        for _ in range(_AGES):
            _compiler().compile(b"", format="svg")


def _compile(template: str, inputs: dict[str, str], moment: datetime) -> bytes:
    with _LOCK:
        return _compiler().compile(
            _TEMPLATES / template,
            format="pdf",
            pdf_standards="ua-1",
            sys_inputs=inputs,
            timestamp=moment,
        )


@cache
def _compiler() -> Compiler:
    # Those that typst carries follow ours: they have signs that ours lacks.
    faces = Fonts(include_system_fonts=False, font_paths=[fonts.folder()])
    return Compiler(root=_TEMPLATES, font_paths=faces)
