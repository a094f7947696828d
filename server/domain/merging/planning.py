# SPDX-License-Identifier: Apache-2.0
"""Plans a merge over the documents of contacts: pure, so that a preview is what will be done.

A document holds the rows of one contact (`services.contacts.snapshots`). The master comes first and
wins where nothing else was chosen; what it leaves blank the others fill.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.errors import DomainError, ErrorCode
from server.domain.merging.kinds import (
    COLUMNS,
    PRIMARY,
    MergeConflict,
    MergeConflictKind,
    MergedField,
    MergedValue,
    MergedWord,
    MergePlan,
    Row,
)
from server.domain.merging.phones import merge_phones

FEWEST, MOST = 2, 20
"""Contacts that one merge takes."""

Document = Mapping[str, Any]


def plan_merge(
    documents: Mapping[int, Document],
    master_id: int,
    choices: Mapping[str, int],
    *,
    most_phones: int,
    most_tags: int,
) -> MergePlan:
    """Raises INVALID (`choices`) for a field that nobody has, NOT_FOUND for a contact not merged.

    `choices` names by field the contact whose value is taken. Of more tags than a contact may have
    the master's stay, and then those of the others in their order.
    """
    ids = (master_id, *sorted(documents.keys() - {master_id}))
    fields = [_field(documents, ids, name, choices) for name in COLUMNS]
    values = _values(documents, ids, choices)
    known = {one.name for one in (*fields, *values)}
    for place, (name, contact_id) in enumerate(choices.items()):
        if name not in known:
            raise DomainError(ErrorCode.INVALID, f"choices.{place}.field", value=name[:100])
        if contact_id not in documents:
            raise DomainError(ErrorCode.NOT_FOUND, f"choices.{place}.contactId")
    primary_number = next(one.value for one in fields if one.name == PRIMARY)
    primary, additional, conflicts = merge_phones(documents, ids, primary_number)
    if len(additional) > most_phones:
        conflicts.append(MergeConflict(kind=MergeConflictKind.TOO_MANY_PHONES, contact_ids=ids))
    return MergePlan(
        master_id=master_id,
        contact_ids=ids,
        fields=tuple(fields),
        values=tuple(values),
        primary=primary,
        additional=tuple(additional),
        tags=_words(documents, ids, "tags", "tag_id")[:most_tags],
        lists=_words(documents, ids, "lists", "list_id"),
        conflicts=tuple(conflicts),
    )


def fingerprint(documents: Mapping[int, Document], master_id: int) -> str:
    """Changes with whatever a merge would carry; a call that was made meanwhile changes nothing."""
    told = [
        master_id,
        *(
            [
                _told(document["contact"]),
                *([_told(row) for row in document[part]] for part in ("phones", "values")),
                [row["list_id"] for row in document["lists"]],
                [row["tag_id"] for row in document["tags"]],
                [row["campaign_id"] for row in document["entries"]],
            ]
            for _, document in sorted(documents.items())
        ),
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _told(row: Row) -> Row:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def _field(
    documents: Mapping[int, Document], ids: Sequence[int], name: str, choices: Mapping[str, int]
) -> MergedField:
    rows = {key: documents[key]["contact"].get(COLUMNS[name]) for key in ids}
    values = {key: None if value == "" else value for key, value in rows.items()}
    return MergedField(name=name, chosen=_chosen(values, ids, choices.get(name)), values=values)


def _chosen(values: Mapping[int, Any], ids: Sequence[int], choice: int | None) -> int:
    if choice is not None and choice in values:
        return choice
    return next((key for key in ids if values[key] is not None), ids[0])


def _values(
    documents: Mapping[int, Document], ids: Sequence[int], choices: Mapping[str, int]
) -> list[MergedValue]:
    rows: dict[tuple[int, int | None], dict[int, Row | None]] = {}
    for key in ids:
        for row in documents[key]["values"]:
            place = (row["field_id"], row["campaign_id"])
            rows.setdefault(place, dict.fromkeys(ids))[key] = row
    found = []
    for (field_id, campaign_id), values in rows.items():
        name = custom_name(field_id, campaign_id)
        found.append(
            MergedValue(
                name=name,
                chosen=_chosen(values, ids, choices.get(name)),
                values=values,
                field_id=field_id,
                campaign_id=campaign_id,
            )
        )
    return found


def custom_name(field_id: int, campaign_id: int | None) -> str:
    """What choices call a custom value: `custom_3`; `custom_3_7` that of a campaign's record."""
    return "_".join(str(part) for part in ("custom", field_id, campaign_id) if part is not None)


def _words(
    documents: Mapping[int, Document], ids: Sequence[int], part: str, column: str
) -> tuple[MergedWord, ...]:
    names: dict[int, str] = {}
    owners: dict[int, list[int]] = {}
    for key in ids:
        for row in documents[key][part]:
            names[row[column]] = row["_name"]
            owners.setdefault(row[column], []).append(key)
    return tuple(
        MergedWord(id=key, name=name, owners=tuple(owners[key])) for key, name in names.items()
    )
