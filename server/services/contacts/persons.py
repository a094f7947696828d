# SPDX-License-Identifier: Apache-2.0
"""What is known of a person beside names and numbers: time zone, language, photo (C-05)."""

import re
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError

from server.domain.campaigns import zone
from server.domain.errors import DomainError, ErrorCode

LONGEST = 1000  # of a link; the others are refused by what they are
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def time_zone(text: str) -> str:
    """The name of an IANA zone; "" where nobody knows."""
    return zone(text, "timeZone").key if text else ""


def language(text: str) -> str:
    """A BCP 47 tag as it is usually written: `it`, `de-AT`, `zh-Hant-TW`."""
    if not text:
        return ""
    try:
        return str(Locale.parse(text.replace("_", "-"), sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        shown = text[:100]
        raise DomainError(ErrorCode.INVALID, "language", value=shown, expected="it-IT") from None


def photo_url(text: str) -> str:
    """A link by https to a host that everybody could name; nothing of it is ever fetched here."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(" \"'<>\\^`{|}")
    is_host = _HOST.fullmatch(parts.hostname or "") is not None
    if not (is_plain and is_host and parts.scheme == "https" and "@" not in parts.netloc):
        expected = "https://example.com/photo.jpg"
        raise DomainError(ErrorCode.INVALID, "photoUrl", value=text[:100], expected=expected)
    host = parts.hostname if port in (None, 443) else f"{parts.hostname}:{port}"
    return parts._replace(scheme="https", netloc=str(host)).geturl()
