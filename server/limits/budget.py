# SPDX-License-Identifier: Apache-2.0
"""The figures: how large, deep and costly a request may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Per request, unless a comment says otherwise. Sizes in bytes, times in seconds.

    The document's figures hold for each of its operations with fragments written out, and are
    checked before any stock validation rule runs (reliability section 1).
    """

    body_bytes: int = 256 * 1024
    tokens: int = 2000
    definitions: int = 50  # operations and fragments of one document
    depth: int = 15  # the standard introspection query takes 15
    nesting: int = 64  # braces, fragments followed: what recursion must survive
    fields: int = 500  # selections of every kind
    root_fields: int = 20
    aliases: int = 30
    directives: int = 20
    introspection_lists: int = 2  # `fields { type { fields` and the like, one inside another
    errors: int = 5  # validation errors reported before giving up

    cost: int = 1000  # objects that lists can bring back
    page_size: int = 50  # what a connection brings when neither `first` nor `last` is given
    list_size: int = 4  # what a list without pages is taken to bring …
    list_sizes: Mapping[str, int] = field(default_factory=dict)  # … unless "Type.field" says

    cached_documents: int = 1000  # per process
    cached_bytes: int = 32 * 1024 * 1024  # per process

    seconds: float = 7.75  # an answer or a clean refusal comes within this (F7: 8)
    message_bytes: int = 256 * 1024  # one WebSocket message
    init_seconds: float = 10.0  # until connection_init
    operations_per_socket: int = 20
    streams_per_viewer: int = 50  # sockets and event streams of one user, per process
    heartbeat_seconds: float = 15.0  # event streams: how often a comment is sent
    recheck_seconds: float = 10.0  # streams: how often the viewer's rights are read again
