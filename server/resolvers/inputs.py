# SPDX-License-Identifier: Apache-2.0
"""Global ids of an input as keys; an id of nothing reads like a missing row."""

from collections.abc import Sequence
from typing import Any

from server.domain.errors import DomainError, ErrorCode
from server.planner import key_of

NO_ROW = 0  # no key is 0
Given = dict[str, Any]  # an input's fields that were sent, as plain data


def take_key(given: Given, name: str, entity: str, field: str = "id") -> int:
    """Removes `name` from the input and gives its key; NOT_FOUND on `field` if it can be none."""
    key = key_of(given.pop(name), entity)
    if key is None:
        raise DomainError(ErrorCode.NOT_FOUND, field)
    return key


def take_keys(given: Given, name: str, entity: str, field: str) -> list[int]:
    """The keys of a list of ids; the refusal names the index."""
    keys = []
    for index, value in enumerate(given.pop(name)):
        key = key_of(value, entity)
        if key is None:
            raise DomainError(ErrorCode.NOT_FOUND, f"{field}.{index}")
        keys.append(key)
    return keys


def keys_or_none(values: Sequence[str], *entities: str) -> list[int]:
    """The keys of ids of any of the entities, NO_ROW for an id of nothing.

    The service refuses that one at its place as it does a missing row, with all other faults.
    """
    found = [[key_of(value, entity) for entity in entities] for value in values]
    return [next(filter(None, keys), NO_ROW) for keys in found]


def agent_keys(values: Sequence[str]) -> list[int]:
    """The keys of those who are assigned; their ids are those of agents or of users."""
    return keys_or_none(values, "Agent", "User")
