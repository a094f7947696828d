# SPDX-License-Identifier: Apache-2.0
"""JSON in and out: orjson, and the standard library for lone surrogates, which orjson refuses."""

import json
import re
from typing import Never

import orjson

SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class NotJSONError(Exception):
    """The bytes are no JSON text."""


def loads(body: bytes) -> object:
    """Raises NotJSONError for what is no JSON, NaN, bad UTF-8, and nesting that nobody needs.

    A lone surrogate written as an escape is JSON: the service it goes to refuses it by name.
    """
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        if not SURROGATE.search(body):
            raise NotJSONError from None
    else:
        return value
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJSONError from None


def dumps(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_UTC_Z)
    except TypeError:
        return json.dumps(value, ensure_ascii=True, allow_nan=False, default=_plain).encode()


def _plain(value: object) -> object:
    """A date or the like in the form that orjson gives it."""
    plain: object = orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z))
    return plain


def _refuse(constant: str) -> Never:
    raise ValueError(constant)
