# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: how one is reached, and how it is told what to ring (architecture 6)."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

NUMBER, DIGITS, ENDPOINT = "{number}", "{digits}", "{endpoint}"
# Technology/resource, as in PJSIP/{number}@trunk or Local/{number}@outbound.
_DIAL_STRING = re.compile(r"[A-Za-z][A-Za-z0-9_]*/[!-~]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# Several destinations in one, options of a dialplan, variables: no endpoint needs any of them.
_SPECIAL = re.compile(r"[&,;|$\\{}\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An Asterisk as a dialer uses it. `mark` begins the name of every channel of ours there."""

    id: int
    tenant_id: int
    url: str
    username: str
    secret: str = field(repr=False)
    application: str
    dial_template: str
    agent_template: str
    answered_context: str
    detects_machines: bool
    mark: str

    def dial_string(self, number: str) -> str:
        """What rings an E.164 number: `{digits}` is the number without its +."""
        return self.dial_template.replace(NUMBER, number).replace(DIGITS, number.lstrip("+"))

    def agent_string(self, endpoint: str) -> str:
        """What rings an agent's telephone."""
        return self.agent_template.replace(ENDPOINT, endpoint)


def is_exchange_url(url: str) -> bool:
    """http(s) with a host, and nothing that hides a password or names a query."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 # raises for a port that is none
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and url.isascii()
        and "@" not in parts.netloc
        and not parts.query
        and not parts.fragment
        and not any(character.isspace() for character in url)
    )


def origin(url: str) -> str:
    """Scheme, host and port: whom a secret is sent to."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def is_dial_template(template: str) -> bool:
    """One place for the number, in a dial string with nothing else that Asterisk reads."""
    return _is_template(template, (NUMBER, DIGITS))


def is_agent_template(template: str) -> bool:
    return _is_template(template, (ENDPOINT,))


def is_endpoint(endpoint: str) -> bool:
    """An agent's telephone, such as 1001."""
    return 0 < len(endpoint) <= 100 and endpoint.isprintable() and not _SPECIAL.search(endpoint)


def is_plain_name(name: str) -> bool:
    """An application or a dialplan context."""
    return len(name) <= 64 and _NAME.fullmatch(name) is not None


def _is_template(template: str, places: tuple[str, ...]) -> bool:
    if sum(template.count(place) for place in places) != 1:
        return False
    for place in places:
        template = template.replace(place, "0")
    return bool(_DIAL_STRING.fullmatch(template)) and not _SPECIAL.search(template)
