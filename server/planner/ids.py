# SPDX-License-Identifier: Apache-2.0
"""Global ids (`contact_42`) and keyset cursors: opaque to callers, cheap to make."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime

import orjson

from server.planner.declarations import ENTITIES, Entity

LARGEST_KEY = 2**63 - 1


def global_id(prefix: str, key: int) -> str:
    return f"{prefix}_{key}"


def parse_id(value: str) -> tuple[Entity, int] | None:
    """The entity and key that an id names, or None when it can name nothing."""
    prefix, _, digits = value.rpartition("_")
    entity = ENTITIES.by_prefix.get(prefix)
    if entity is None or not digits.isascii() or not digits.isdigit() or len(digits) > 19:
        return None
    key = int(digits)
    return (entity, key) if key <= LARGEST_KEY and str(key) == digits else None


def key_of(value: str, name: str) -> int | None:
    """The key of an id that must be of type `name`; None reads like a missing row."""
    parsed = parse_id(value)
    return parsed[1] if parsed is not None and parsed[0].name == name else None


def cursor(values: Sequence[object]) -> str:
    """The sort key of a row, the row's key last."""
    text = orjson.dumps(list(values), option=orjson.OPT_UTC_Z)
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def parse_cursor(text: str, kinds: Sequence[type]) -> list[object] | None:
    """The values behind a cursor, each of the kind that its sort column has; None if not ours."""
    values = open_cursor(text)
    if values is None or len(values) != len(kinds):
        return None
    parsed = [read_part(value, kind) for value, kind in zip(values, kinds, strict=True)]
    return None if None in parsed else parsed


def open_cursor(text: str) -> list[object] | None:
    """The values behind a cursor as they came; None if it is no cursor at all."""
    try:
        values = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return values if isinstance(values, list) else None


def read_part(value: object, kind: type) -> object:
    """A value of a cursor as one of this kind; None where it is none."""
    if kind is datetime and isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return None
        return instant if instant.tzinfo is not None else None
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    if kind is int:
        fits = type(value) is int and -LARGEST_KEY <= value <= LARGEST_KEY
        return value if fits else None
    return value if type(value) is kind and value != "\x00" and _storable(value) else None


def _storable(value: object) -> bool:
    return not isinstance(value, str) or "\x00" not in value
