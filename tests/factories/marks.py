# SPDX-License-Identifier: Apache-2.0
"""What a search has marked, as it is read."""

from server.services.search import Found


def marked(found: Found) -> str:
    """The value with what is marked in brackets."""
    value = found.match.value
    for mark in reversed(found.match.marks):
        value = f"{value[: mark.start]}[{value[mark.start : mark.end]}]{value[mark.end :]}"
    return value
