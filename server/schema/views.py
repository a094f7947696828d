# SPDX-License-Identifier: Apache-2.0
"""How people look at lists: filters that they saved or share, columns that they chose."""

from datetime import datetime
from enum import StrEnum

import strawberry
from strawberry import UNSET

from server import models
from server.domain.views import ViewSubject
from server.planner import column, computed, connection, entity, expression, identity
from server.resolvers import views
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates
from server.services import views as services

strawberry.enum(ViewSubject, description="A list that has filters and columns of its own.")


@entity(
    models.SavedFilter,
    prefix="filter",
    visible=services.visible_filters,
    requires=None,
    description="A list's filters and sort under a name: one's own, or shared with everybody.",
)
class SavedFilter(Node):
    id: strawberry.ID = identity()
    subject: ViewSubject = column(models.SavedFilter.subject)
    name: str = column(models.SavedFilter.name)
    query: str = column(models.SavedFilter.query, "What stands behind `?` in the list's address.")
    is_shared: bool = column(models.SavedFilter.is_shared)
    owner_id: strawberry.ID = computed(
        views.owner_id, models.SavedFilter.user_id, description="The `User` who saved it."
    )
    owner_name: str = expression(services.owner_name, "What they are called.")
    version: int = column(models.SavedFilter.version)
    created_at: datetime = column(models.SavedFilter.created_at)


@entity(
    models.ColumnChoice,
    prefix="columns",
    visible=services.visible_choices,
    requires=None,
    description="The columns that the caller chose for a list.",
)
class ColumnChoice(Node):
    id: strawberry.ID = identity()
    subject: ViewSubject = column(models.ColumnChoice.subject)
    columns: list[str] = column(models.ColumnChoice.columns, "In their order.")


@strawberry.enum(description="What saved filters are sorted by.")
class SavedFilterSort(StrEnum):
    NAME = "NAME"


@strawberry.input(description="Of which list.")
class ViewFilter:
    subject: ViewSubject | None = None


@strawberry.input(description="A filter to save; with `id` one to change.")
class SaveFilterInput:
    subject: ViewSubject
    id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="One's own, or a shared one for who holds contacts.share."
    )
    name: str | None = strawberry.field(
        default=UNSET, description="100 characters; once a person and list."
    )
    query: str | None = strawberry.field(
        default=UNSET, description="As in the list's address; the place in the list is left out."
    )
    is_shared: bool | None = strawberry.field(
        default=UNSET, description="With everybody of the centre; takes contacts.share."
    )
    version: int | None = strawberry.field(
        default=UNSET, description="The one that was seen: CONFLICT if it is not the last."
    )


@strawberry.input(description="The filter.")
class SavedFilterInput:
    id: strawberry.ID


@strawberry.input(description="The columns to see from now on; none: as at first.")
class ChooseColumnsInput:
    subject: ViewSubject
    columns: list[str]


@strawberry.type(description="The filter as it stands now, or why it was refused.")
class SavedFilterPayload:
    saved_filter: SavedFilter | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Whether it was deleted, or why it was refused.")
class DeleteFilterPayload:
    deleted: bool = False
    name: str | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The columns as they are kept now, or why they were refused.")
class ChooseColumnsPayload:
    columns: list[str] | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ViewQuery:
    saved_filters: Connection[SavedFilter] = connection(
        description="The caller's saved filters and the shared ones.",
        sort=SavedFilterSort,
        sorts={"NAME": (models.SavedFilter.name_key,)},
        default_sort="NAME",
        filter=ViewFilter,
        filters={"subject": services.of_subject},
    )
    column_choices: Connection[ColumnChoice] = connection(
        description="The columns that the caller chose, list by list.",
        sorts={"LIST": (models.ColumnChoice.subject,)},
        default_sort="LIST",
        filter=ViewFilter,
        filters={"subject": services.of_subject},
    )


@strawberry.type
class ViewMutation:
    save_filter: SavedFilterPayload = mutates(
        by=views.save,
        takes=SaveFilterInput,
        gives=SavedFilterPayload,
        description="Keep a list's filters under a name, rename or share them, or keep others.",
    )
    delete_filter: DeleteFilterPayload = mutates(
        by=views.delete,
        takes=SavedFilterInput,
        gives=DeleteFilterPayload,
        description="Delete a saved filter; `restoreFilter` brings it back for a day.",
    )
    restore_filter: SavedFilterPayload = mutates(
        by=views.restore,
        takes=SavedFilterInput,
        gives=SavedFilterPayload,
        description="Bring a deleted filter back.",
    )
    choose_columns: ChooseColumnsPayload = mutates(
        by=views.choose,
        takes=ChooseColumnsInput,
        gives=ChooseColumnsPayload,
        description="Keep which columns of a list the caller sees, and in which order.",
    )
