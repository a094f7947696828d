# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: how one is reached, and how it is told what to ring (architecture 6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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


class ExchangeFault(StrEnum):
    """What a test of the connection finds wrong."""

    HOST_UNKNOWN = "HOST_UNKNOWN"  # no address belongs to the host's name
    FORBIDDEN_ADDRESS = "FORBIDDEN_ADDRESS"  # link-local and the like: no exchange is there
    REFUSED = "REFUSED"  # nobody listens at host and port
    TIMED_OUT = "TIMED_OUT"  # nobody answers in time
    CERTIFICATE = "CERTIFICATE"  # HTTPS cannot be begun
    CREDENTIALS = "CREDENTIALS"  # wrong user or secret
    NOT_ARI = "NOT_ARI"  # something answers, but not Asterisk's REST interface
    READ_ONLY = "READ_ONLY"  # the user may look but not call
    NO_EVENTS = "NO_EVENTS"  # the event stream cannot be opened
    TOO_OLD = "TOO_OLD"  # an Asterisk before the oldest that is supported
    TRUNK_UNKNOWN = "TRUNK_UNKNOWN"  # the dial template names an endpoint that is not there
    TRUNK_OFFLINE = "TRUNK_OFFLINE"  # it is there and out of reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault and what its words name."""

    fault: ExchangeFault
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """What a test of the connection says; no findings: calls can be made."""

    version: str | None = None
    applications: tuple[str, ...] = ()
    milliseconds: int | None = None  # of one request
    findings: tuple[Finding, ...] = ()
