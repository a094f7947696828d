# SPDX-License-Identifier: Apache-2.0
"""The numbers of contacts that become one: each of them once (X-25 to X-27)."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.contacts import PhoneState
from server.domain.merging.kinds import MergeConflict, MergeConflictKind, MergedPhone, Row

_HARDEST = (PhoneState.BLOCKED, PhoneState.EXCLUDED, PhoneState.INACTIVE, PhoneState.AVAILABLE)


def stricter(*states: str) -> PhoneState:
    """The one that keeps a number from being called the longest."""
    return min((PhoneState(state) for state in states), key=_HARDEST.index)


def merge_phones(
    documents: Mapping[int, Mapping[str, Any]], ids: Sequence[int], primary: str | None
) -> tuple[MergedPhone | None, list[MergedPhone], list[MergeConflict]]:
    """Each number once; the master's in their order, then the others' (X-25, X-27)."""
    found: dict[str, MergedPhone] = {}
    states: dict[str, set[str]] = {}
    conflicts: list[MergeConflict] = []
    for key in ids:
        contact = documents[key]["contact"]
        rows = documents[key]["phones"]
        if contact["phone"] is not None:
            own = {"number": contact["phone"], "state": contact["phone_state"]}
            # The master's own primary, where it gives way, stands behind its other numbers.
            rows = [*rows, own] if key == ids[0] else [own, *rows]
            if contact["phone"] != primary:
                moves = MergeConflictKind.PRIMARY_MOVES
                conflicts.append(
                    MergeConflict(kind=moves, contact_ids=(key,), number=contact["phone"])
                )
        for row in rows:
            phone = found.setdefault(row["number"], MergedPhone(number=row["number"]))
            _take(phone, row)
            if key not in phone.owners:
                phone.owners.append(key)
            states.setdefault(row["number"], set()).add(row["state"])
    for number, phone in found.items():
        phone.state = stricter(*states[number])
        conflicts += _differences(phone, states[number], is_primary=number == primary)
    listed = [phone for number, phone in found.items() if number != primary]
    return (found[primary] if primary is not None else None), listed, conflicts


def _take(phone: MergedPhone, row: Row) -> None:
    """One more row of the same number: what is there already stays, what differs is noted."""
    if phone.id is None:
        phone.id = row.get("id")
    name, type_id = row.get("_name"), row.get("item_type_id")
    if type_id is not None:
        if phone.item_type_id is None:
            phone.item_type_id, phone.item_type_name = type_id, name
        elif phone.item_type_id != type_id and name not in phone.other_types:
            phone.other_types.append(str(name))
    description = row.get("description") or ""
    if description and not phone.description:
        phone.description = description
    elif description and description != phone.description:
        phone.other_descriptions.append(description)


def _differences(phone: MergedPhone, states: set[str], *, is_primary: bool) -> list[MergeConflict]:
    """A primary number has neither type nor description: those that it had are named too."""
    if is_primary:
        if phone.item_type_name is not None:
            phone.other_types.insert(0, phone.item_type_name)
        if phone.description:
            phone.other_descriptions.insert(0, phone.description)
        phone.id, phone.item_type_id, phone.item_type_name, phone.description = None, None, None, ""
    kinds = []
    if phone.other_types:
        kinds.append(MergeConflictKind.TYPES_DIFFER)
    if phone.other_descriptions:
        kinds.append(MergeConflictKind.DESCRIPTIONS_DIFFER)
    if len(states) > 1:
        kinds.append(MergeConflictKind.STATES_DIFFER)
    owners = tuple(phone.owners)
    return [MergeConflict(kind=kind, contact_ids=owners, number=phone.number) for kind in kinds]
