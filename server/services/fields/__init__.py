# SPDX-License-Identifier: Apache-2.0
"""Master data fields, the record structures of campaigns, and their values (C-22 to C-25)."""

from server.services.fields.conditions import FieldCondition, check_condition
from server.services.fields.definitions import (
    Definitions,
    definitions,
    field_of,
    in_scope,
    named,
    of_campaign,
    of_type,
    place_in_campaign,
    value_count,
    value_count_capped,
    visible_fields,
)
from server.services.fields.deleting import delete_field, restore_field, visible_trashed_fields
from server.services.fields.inputs import DeletedField, FieldEdit, FieldInput
from server.services.fields.reading import (
    Condition,
    Join,
    condition_on,
    given_campaign,
    in_records,
    is_required,
    missing_required,
    value_place,
    values_of_field,
    visible_values,
)
from server.services.fields.refitting import refit
from server.services.fields.structures import give_record_fields, set_record_structure
from server.services.fields.writing import create_field, edit_field, reorder_fields

__all__ = [
    "Condition",
    "Definitions",
    "DeletedField",
    "FieldCondition",
    "FieldEdit",
    "FieldInput",
    "Join",
    "check_condition",
    "condition_on",
    "create_field",
    "definitions",
    "delete_field",
    "edit_field",
    "field_of",
    "give_record_fields",
    "given_campaign",
    "in_records",
    "in_scope",
    "is_required",
    "missing_required",
    "named",
    "of_campaign",
    "of_type",
    "place_in_campaign",
    "refit",
    "reorder_fields",
    "restore_field",
    "set_record_structure",
    "value_count",
    "value_count_capped",
    "value_place",
    "values_of_field",
    "visible_fields",
    "visible_trashed_fields",
    "visible_values",
]
