# SPDX-License-Identifier: Apache-2.0
"""Whether a request comes from our own pages: Sec-Fetch-Site first, Origin for the rest.

Forms carry no tokens; this and SameSite cookies are the protection against forged requests (ASVS
3.5.1). `X-Forwarded-*` is never read: anybody can send it.
"""

from urllib.parse import urlsplit

from server.http.headers import Headers

PORTS = {"http": 80, "https": 443}


def host_of(origin: str) -> tuple[str, int | None] | None:
    """Host and port that an origin names, or None for "null" and other nonsense."""
    try:
        parts = urlsplit(origin)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and parts.scheme in PORTS else None


def is_own(headers: Headers, own_origins: frozenset[str] = frozenset()) -> bool:
    """Sent by our own page, by the person's own navigation, or by a program that is no browser.

    Browsers send at least one of the two headers with each POST and each WebSocket handshake.
    """
    site = headers.get(b"sec-fetch-site")
    origin = headers.get(b"origin")
    if site is not None:
        named = origin is not None and origin.decode("latin-1") in own_origins
        return named or site in (b"same-origin", b"none")
    return origin is None or is_own_origin(origin, headers, own_origins)


def is_own_origin(
    origin: bytes, headers: Headers, own_origins: frozenset[str] = frozenset()
) -> bool:
    """The Origin names the host that the request was sent to, or one that the settings name.

    The scheme is left out: behind a proxy that ends TLS we see http where the browser sees https.
    """
    text = origin.decode("latin-1")
    if text in own_origins:
        return True
    named = host_of(text)
    if named is None:
        return False
    scheme = text.partition(":")[0]
    return named == host_of(f"{scheme}://{headers.get(b'host', b'').decode('latin-1')}")
