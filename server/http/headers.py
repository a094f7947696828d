# SPDX-License-Identifier: Apache-2.0
"""The one lookup that the hot path makes of a request's headers."""

from collections.abc import Mapping

from starlette.types import Scope

Headers = Mapping[bytes, bytes]  # names in lower case
RawHeaders = list[tuple[bytes, bytes]]


def headers_of(scope: Scope) -> Headers:
    """The last of repeated headers wins; no decision here rests on a repeated one."""
    return dict(scope["headers"])
