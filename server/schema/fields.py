# SPDX-License-Identifier: Apache-2.0
"""Master data fields, record structures, and the values of contacts (C-22 to C-25)."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    identity,
    many,
    one,
)
from server.resolvers import fields
from server.schema.enums import FieldScope, FieldType
from server.schema.field_inputs import (
    CreateMasterDataFieldInput,
    DeleteMasterDataFieldInput,
    EditMasterDataFieldInput,
    ReorderMasterDataFieldsInput,
    RestoreMasterDataFieldInput,
    SetRecordStructureInput,
)
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates
from server.services import fields as services

if TYPE_CHECKING:
    from server.schema.campaigns import Campaign

CampaignRef = Annotated["Campaign", strawberry.lazy("server.schema.campaigns")]
VIEW = Permission.FIELDS_VIEW
VALUE = (
    models.FieldValue.text_value,
    models.FieldValue.number_value,
    models.FieldValue.date_value,
    models.FieldValue.instant_value,
    models.FieldValue.boolean_value,
)


@entity(
    models.MasterDataField,
    prefix="field",
    visible=services.visible_fields,
    requires=VIEW,
    description="A field of a centre's own: what its values are, and what they may be.",
)
class MasterDataField(Node):
    id: strawberry.ID = identity()
    name: str = column(models.MasterDataField.name, "Unique in the tenant, whatever its case.")
    display_name: str = column(models.MasterDataField.display_name, "What people call it.")
    type: FieldType = column(models.MasterDataField.type)
    type_label: str = computed(
        fields.type_label, models.MasterDataField.type, description="Localized."
    )
    scope: FieldScope = column(models.MasterDataField.scope)
    scope_label: str = computed(
        fields.scope_label, models.MasterDataField.scope, description="Localized."
    )
    size: int | None = column(
        models.MasterDataField.size, "The longest text; null: as long as the type allows."
    )
    valid_values: list[str] = column(models.MasterDataField.valid_values, "Of a CHOICE.")
    is_required: bool = column(
        models.MasterDataField.is_required,
        "Filled in by who edits a contact; in a record before the script's next page.",
    )
    is_unique: bool = column(
        models.MasterDataField.is_unique, "No two contacts have the same; a RECORD, per campaign."
    )
    is_multi_line: bool = column(models.MasterDataField.is_multi_line, "How it is typed in.")
    is_searchable: bool = column(models.MasterDataField.is_searchable, "Found by the search.")
    position: int = column(models.MasterDataField.position, "Its place among all fields, from 0.")
    value_count: int = expression(services.value_count, "How many values it has.")
    value_count_capped: int = expression(
        services.value_count_capped, "The same, counted no further than 10,001: quick for any."
    )
    version: int = column(models.MasterDataField.version, "Send it back with an edit.")
    created_at: datetime = column(models.MasterDataField.created_at)
    campaigns: list[CampaignRef] = many(
        lambda field, campaign: services.of_campaign(campaign, field),
        order_by=(models.Campaign.name_key,),
        description="The campaigns whose records have it.",
        requires=Permission.CAMPAIGNS_VIEW,
    )


@entity(
    models.FieldValue,
    prefix="value",
    visible=services.visible_values,
    requires=Permission.CONTACTS_VIEW,
    description="A contact's value of a field: one of the five typed values is set.",
)
class FieldValue(Node):
    id: strawberry.ID = identity()
    field: MasterDataField | None = one(models.FieldValue.field_id)
    campaign: CampaignRef | None = one(
        models.FieldValue.campaign_id,
        "Whose record has it; null for a value of the person.",
        requires=Permission.CAMPAIGNS_VIEW,
    )
    text_value: str | None = column(
        models.FieldValue.text_value, "Of TEXT, CHOICE, EMAIL, PHONE (E.164) and LINK."
    )
    number_value: float | None = column(models.FieldValue.number_value)
    date_value: date | None = column(models.FieldValue.date_value)
    instant_value: datetime | None = column(models.FieldValue.instant_value, "Of DATETIME.")
    boolean_value: bool | None = column(models.FieldValue.boolean_value)
    text: str = computed(fields.text_of, *VALUE, description="As inputs and filters take it.")
    display: str = computed(
        fields.display_of, *VALUE, description="As the reader writes it; instants in UTC."
    )


@entity(
    models.TrashedField,
    prefix="deletedField",
    visible=services.visible_trashed_fields,
    requires=VIEW,
    description="A deleted field, which can come back with its values for thirty days.",
)
class DeletedField(Node):
    id: strawberry.ID = identity()
    name: str = column(models.TrashedField.name)
    value_count: int = column(models.TrashedField.value_count, "How many values went with it.")
    deleted_at: datetime = column(models.TrashedField.deleted_at)
    expires_at: datetime = column(models.TrashedField.expires_at, "Until then it can come back.")


@strawberry.enum(description="What master data fields are sorted by.")
class MasterDataFieldSort(StrEnum):
    POSITION = "POSITION"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


SORTS = {
    "POSITION": (models.MasterDataField.position,),
    "NAME": (models.MasterDataField.name_key,),
    "CREATED_AT": (models.MasterDataField.created_at,),
}


@strawberry.input(description="Which master data fields are wanted; the conditions all hold.")
class MasterDataFieldFilter:
    search: str | None = strawberry.field(
        default=None, description="Part of the name or of the display name."
    )
    scope: FieldScope | None = None
    type: FieldType | None = None


FILTERS = {
    "search": services.named,
    "scope": services.in_scope,
    "type": services.of_type,
}


@strawberry.type(description="The field as it stands now, or why it was refused.")
class MasterDataFieldPayload:
    master_data_field: MasterDataField | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="All fields in their order, or why it was refused.")
class MasterDataFieldsPayload:
    master_data_fields: list[MasterDataField] = strawberry.field(default_factory=list)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did, and what restores the field.")
class DeleteMasterDataFieldPayload:
    deleted: bool = False
    name: str | None = None
    values_lost: int = strawberry.field(
        default=0, description="After a refusal: how many there are now."
    )
    deleted_field: DeletedField | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The field that came back, or why it was refused.")
class RestoreMasterDataFieldPayload:
    master_data_field: MasterDataField | None = None
    values_restored: int = strawberry.field(
        default=0, description="Those of contacts and campaigns that are still there."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The campaign with its fields, or why it was refused.")
class RecordStructurePayload:
    campaign: CampaignRef | None = None
    values_lost: int = strawberry.field(
        default=0, description="After a refusal: how many there are now."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class FieldQuery:
    master_data_fields: Connection[MasterDataField] = connection(
        description="The centre's fields, in their order unless sorted otherwise.",
        sort=MasterDataFieldSort,
        sorts=SORTS,
        default_sort="POSITION",
        filter=MasterDataFieldFilter,
        filters=FILTERS,
        requires=VIEW,
    )
    master_data_field: MasterDataField | None = by_id(description="One field.", requires=VIEW)
    offered_fields: Connection[MasterDataField] = connection(
        description="What a contact can have values of, for whoever may see contacts.",
        sorts=SORTS,
        default_sort="POSITION",
        filter=MasterDataFieldFilter,
        filters=FILTERS,
        page=200,
        requires=Permission.CONTACTS_VIEW,
    )
    deleted_fields: Connection[DeletedField] = connection(
        description="Fields that can come back, the last deleted first.",
        sorts={"NEWEST": (models.TrashedField.deleted_at,)},
        default_sort="NEWEST",
        default_descending=True,
        requires=VIEW,
    )


@strawberry.type
class FieldMutation:
    create_master_data_field: MasterDataFieldPayload = mutates(
        by=fields.create,
        takes=CreateMasterDataFieldInput,
        gives=MasterDataFieldPayload,
        requires=Permission.FIELDS_CREATE,
        description="Add a field (C-22); a RECORD joins campaigns made afterwards only (C-23).",
    )
    edit_master_data_field: MasterDataFieldPayload = mutates(
        by=fields.edit,
        takes=EditMasterDataFieldInput,
        gives=MasterDataFieldPayload,
        requires=Permission.FIELDS_EDIT,
        description="Change a field; all its values follow, or the change is refused.",
    )
    reorder_master_data_fields: MasterDataFieldsPayload = mutates(
        by=fields.reorder,
        takes=ReorderMasterDataFieldsInput,
        gives=MasterDataFieldsPayload,
        requires=Permission.FIELDS_EDIT,
        description="Put these fields first, in this order.",
    )
    delete_master_data_field: DeleteMasterDataFieldPayload = mutates(
        by=fields.delete,
        takes=DeleteMasterDataFieldInput,
        gives=DeleteMasterDataFieldPayload,
        requires=Permission.FIELDS_DELETE,
        description="Delete a field with its values; both can come back for thirty days.",
    )
    restore_master_data_field: RestoreMasterDataFieldPayload = mutates(
        by=fields.restore,
        takes=RestoreMasterDataFieldInput,
        gives=RestoreMasterDataFieldPayload,
        requires=Permission.FIELDS_DELETE,
        description="Bring a deleted field back with its values.",
    )
    set_record_structure: RecordStructurePayload = mutates(
        by=fields.set_structure,
        takes=SetRecordStructureInput,
        gives=RecordStructurePayload,
        requires=Permission.CAMPAIGNS_EDIT,
        description="Say which fields a campaign's records have, and in which order.",
    )
