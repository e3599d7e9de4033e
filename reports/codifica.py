"""A document as canonical JSON, and back: the same document gives the same text, always.

What is stored of a report is this text, with its SHA-256: the files can be made again from it.
Amounts are text, exact (`"1234.50"`), so that no reader takes them for a float.
"""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from reports.documento import Documento, Frontespizio

VERSION = 1  # of the form of the text; raised when an old text can no longer be read
Inputs = tuple[Documento, Frontespizio]
T = TypeVar("T")


def encode(documento: Documento, frontespizio: Frontespizio) -> str:
    """Return the text of all that the files are made from."""
    content = {
        "versione": VERSION,
        "frontespizio": _plain(frontespizio),
        "documento": _plain(documento),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Inputs:
    """Read what `encode` wrote.

    Raises:
        ValueError: it is not such a text, or of another version.
    """
    content = json.loads(text)
    if content.get("versione") != VERSION:
        raise ValueError(f"versione {content.get('versione')} del contenuto di un report")
    return (
        _read(Documento, content["documento"]),
        _read(Frontespizio, content["frontespizio"]),
    )


def sha256(content: str | bytes) -> str:
    """Return the digest of a text (UTF-8) or of a file, in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def _plain(value: Any) -> Any:
    """What JSON can hold; the kind of a value that a column does not tell is written with it."""
    match value:
        case StrEnum():
            return value.value
        case None | bool() | str():
            return value
        case int():
            return value
        case Decimal():
            return {"decimale": format(value, "f")}
        case date():
            return {"data": value.isoformat()}
        case tuple():
            return [_plain(item) for item in value]
    defaults = {item.name: item.default for item in fields(value)}
    return {
        name: _plain(getattr(value, name))
        for name, default in defaults.items()
        if getattr(value, name) != default or type(getattr(value, name)) is not type(default)
    }


def _read(kind: type[T], content: Any) -> T:
    types = _types(kind)
    return kind(**{name: _value(types[name], item) for name, item in content.items()})


_TYPES: dict[type, dict[str, Any]] = {}


def _types(kind: type) -> dict[str, Any]:
    if kind not in _TYPES:
        _TYPES[kind] = get_type_hints(kind)
    return _TYPES[kind]


def _value(kind: Any, content: Any) -> Any:
    if isinstance(content, dict) and len(content) == 1:
        if "decimale" in content:
            return Decimal(content["decimale"])
        if "data" in content:
            text = content["data"]
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], item) for item in content)
    if get_origin(kind) is UnionType:
        kind = next((item for item in get_args(kind) if is_dataclass(item)), NoneType)
    if isinstance(kind, type) and is_dataclass(kind) and content is not None:
        return _read(kind, content)
    return kind(content) if isinstance(kind, type) and issubclass(kind, StrEnum) else content
