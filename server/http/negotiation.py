# SPDX-License-Identifier: Apache-2.0
"""Media types of GraphQL over HTTP: what comes in, what goes out. Answers are remembered by the
header's exact bytes, of which a deployment sees a handful."""

from enum import Enum
from functools import lru_cache

JSON = b"application/json; charset=utf-8"
GRAPHQL_JSON = b"application/graphql-response+json; charset=utf-8"


class Media(Enum):
    """The form of the answer."""

    JSON = JSON  # GraphQL errors come with 200, as older clients expect
    GRAPHQL_JSON = GRAPHQL_JSON  # the status says whether there is data
    EVENTS = b"text/event-stream; charset=utf-8"


_BY_RANGE = {
    "application/json": Media.JSON,
    "application/graphql-response+json": Media.GRAPHQL_JSON,
    "text/event-stream": Media.EVENTS,
    "*/*": Media.JSON,
    "application/*": Media.JSON,
}


@lru_cache(256)
def media_for(accept: bytes | None) -> Media | None:
    """The best of what the caller accepts, or None where it accepts nothing that we have."""
    if not accept or not accept.strip():
        return Media.JSON
    best, best_quality = None, 0.0
    for part in accept.decode("latin-1").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        media = _BY_RANGE.get(name)
        if media is None or not _charset_fits(parameters):
            continue
        quality = _quality(parameters)
        if quality > best_quality:
            best, best_quality = media, quality
    return best


@lru_cache(256)
def names_json(accept: bytes | None) -> bool:
    """A JSON type by name, which no navigation of a browser asks for."""
    return accept is not None and any(
        part.partition(b";")[0].strip().endswith(b"json") for part in accept.lower().split(b",")
    )


@lru_cache(256)
def is_json(content_type: bytes | None) -> bool:
    """application/json in UTF-8: a type that no HTML form can send."""
    if content_type is None:
        return False
    name, *parameters = (part.strip() for part in content_type.decode("latin-1").lower().split(";"))
    return name == "application/json" and _charset_fits(parameters)


def _charset_fits(parameters: list[str]) -> bool:
    return all(
        parameter.partition("=")[2].strip('" ') in ("utf-8", "utf8")
        for parameter in parameters
        if parameter.partition("=")[0].strip() == "charset"
    )


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
