# SPDX-License-Identifier: Apache-2.0
"""Master data fields, the record structures of campaigns, and their values (C-22 to C-25)."""

from server.services.fields.definitions import (
    Definitions,
    definitions,
    field_of,
    of_campaign,
    place_in_campaign,
    value_count,
    value_count_capped,
    visible_fields,
)
from server.services.fields.deleting import delete_field, restore_field, visible_trashed_fields
from server.services.fields.inputs import DeletedField, FieldEdit, FieldInput
from server.services.fields.structures import (
    give_record_fields,
    missing_for,
    set_record_structure,
)
from server.services.fields.writing import create_field, edit_field, reorder_fields

__all__ = [
    "Definitions",
    "DeletedField",
    "FieldEdit",
    "FieldInput",
    "create_field",
    "definitions",
    "delete_field",
    "edit_field",
    "field_of",
    "give_record_fields",
    "missing_for",
    "of_campaign",
    "place_in_campaign",
    "reorder_fields",
    "restore_field",
    "set_record_structure",
    "value_count",
    "value_count_capped",
    "visible_fields",
    "visible_trashed_fields",
]
