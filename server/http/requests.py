# SPDX-License-Identifier: Apache-2.0
"""A request's bytes and parameters, each part refused by name before anything is executed."""

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.types import Receive

from server.http import json
from server.http.headers import Headers
from server.http.refusals import RefusedError, timed_out

QUERY_STRING_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Parameters:
    """What GraphQL over HTTP calls the request parameters."""

    query: str
    operation_name: str | None
    variables: dict[str, object]


class ClientGoneError(Exception):
    """The caller hung up before the request was whole."""


async def read_body(headers: Headers, receive: Receive, limit: int, seconds: float) -> bytes:
    """The whole body; 413 as soon as it is known to be larger, and before any of it is parsed."""
    length = headers.get(b"content-length")
    if length is not None and (not length.isdigit() or len(length) > 12 or int(length) > limit):
        raise _too_large(limit)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(seconds):
                return await _read_rest(body, receive, limit)
        except TimeoutError:
            raise timed_out(seconds) from None
    if len(body) > limit:
        raise _too_large(limit)
    return body


async def _read_rest(first: bytes, receive: Receive, limit: int) -> bytes:
    chunks, size, more = [first], len(first), True
    while more:
        if size > limit:
            raise _too_large(limit)
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        more = message.get("more_body", False)
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def from_body(body: bytes) -> Parameters:
    """POST: a JSON object. Batches are refused, so one request is one operation."""
    try:
        return from_object(json.loads(body))
    except json.NotJSONError:
        raise _bad("The body is not JSON in UTF-8.") from None


def from_query_string(query_string: bytes) -> Parameters:
    """GET: the same parameters, with `variables` and `extensions` as JSON text."""
    if len(query_string) > QUERY_STRING_BYTES:
        raise RefusedError(414, "LIMIT_EXCEEDED", "The address is too long.")
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"
        )
    except ValueError:
        raise _bad("The address is not in UTF-8.") from None
    values: dict[str, object] = dict(pairs)
    for name in ("variables", "extensions"):
        if name in values:
            try:
                values[name] = json.loads(str(values[name]).encode())
            except json.NotJSONError:
                raise _bad(f"'{name}' is not JSON.") from None
    if values.get("operationName") == "":
        del values["operationName"]
    return from_object(values)


def from_object(payload: object) -> Parameters:
    """Raises RefusedError (400) naming the wrong parameter; unknown ones are ignored."""
    if not isinstance(payload, dict):
        raise _bad("The body must be one JSON object.")
    query = payload.get("query")
    if not isinstance(query, str):
        raise _bad("'query' must be a string.")
    operation_name = payload.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _bad("'operationName' must be a string or null.")
    variables = payload.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise _bad("'variables' must be an object or null.")
    extensions = payload.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("'extensions' must be an object or null.")
    return Parameters(query, operation_name, variables or {})


def _bad(message: str) -> RefusedError:
    return RefusedError(400, "BAD_REQUEST", message)


def _too_large(limit: int) -> RefusedError:
    # What was not read would stand in front of the connection's next request.
    return RefusedError(
        413,
        "LIMIT_EXCEEDED",
        f"The body is larger than {limit // 1024} KiB.",
        [(b"connection", b"close")],
    )
