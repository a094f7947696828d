# SPDX-License-Identifier: Apache-2.0
"""Processes: long work such as imports, as it goes on and as it ended (C-10 to C-15)."""

from collections.abc import AsyncGenerator
from datetime import datetime

import orjson
import strawberry

from server import models
from server.domain.errors import ErrorCode
from server.domain.permissions import Permission
from server.domain.processes import ProcessKind, ProcessState
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    one,
)
from server.resolvers import processes as resolvers
from server.schema.campaigns import Campaign
from server.schema.import_inputs import (
    ImportDetails,
    ImportWarning,
    PreviewColumn,
    StartImportInput,
)
from server.schema.lists import ContactList
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates, resolves, subscribes
from server.schema.users import User
from server.services import events, files
from server.services import processes as services

VIEW = Permission.PROCESSES_VIEW
CREATE = Permission.PROCESSES_CREATE

strawberry.enum(ProcessKind, description="What a process does.")
strawberry.enum(ProcessState, description="Where a process stands (C-11).")


@entity(
    models.StoredFile,
    prefix="file",
    visible=files.visible_files,
    requires=None,
    description="A file in the centre's storage; `POST /files` puts one there (C-15).",
)
class StoredFile(Node):
    id: strawberry.ID = identity()
    name: str = column(models.StoredFile.name, "The last part of the name that it came with.")
    size: int = column(models.StoredFile.size, "Bytes; 60 MiB at the most.")
    sha256: str = column(models.StoredFile.sha256)
    created_at: datetime = column(models.StoredFile.created_at)


@entity(
    models.ProcessRejection,
    prefix="rejection",
    visible=services.visible_rejections,
    requires=VIEW,
    description="A row of the file that was not taken, and why (C-53).",
)
class ProcessRejection(Node):
    id: strawberry.ID = identity()
    line: int = column(models.ProcessRejection.line, "The line that the row begins at, from 1.")
    code: ErrorCode = column(models.ProcessRejection.code)
    message: str = computed(
        resolvers.rejection_message,
        models.ProcessRejection.code,
        models.ProcessRejection.params,
        description="For people, in the reader's language.",
    )
    original: list[str] = column(
        models.ProcessRejection.original, "The row's cells as they stood.", convert=orjson.loads
    )
    column: str | None = column(
        models.ProcessRejection.column,
        "The column at fault; null where it is the whole row.",
        convert=resolvers.text_or_none,
    )


@strawberry.type(description="Why a process failed.")
class ProcessError:
    code: ErrorCode
    field: str | None = strawberry.field(description="The path of the input at fault.")
    message: str = strawberry.field(description="For people, in the reader's language.")


@entity(
    models.Process,
    prefix="process",
    visible=services.visible_processes,
    requires=VIEW,
    description="Long work that workers carry on, chunk by chunk.",
)
class Process(Node):
    id: strawberry.ID = identity()
    kind: ProcessKind = column(models.Process.kind)
    kind_label: str = computed(resolvers.kind_label, models.Process.kind, description="Localized.")
    state: ProcessState = column(models.Process.state)
    state_label: str = computed(
        resolvers.state_label, models.Process.state, description="Localized."
    )
    total: int | None = column(models.Process.total, "Rows; null until they are counted.")
    done: int = column(models.Process.done, "Rows taken, refused and passed over.")
    succeeded: int = column(models.Process.succeeded, "Rows taken (C-12).")
    failed: int = column(models.Process.failed, "Rows refused; `rejections` has them.")
    skipped: int = column(models.Process.skipped, "Rows passed over as duplicates (X-24).")
    loaded: int = column(
        models.Process.loaded, "Entries that the rows became in the hoppers of campaigns (X-23)."
    )
    repeated: int = computed(
        resolvers.repeated,
        models.Process.checkpoint,
        description="Rows that held one number twice, which was kept once (X-20c).",
    )
    repeated_lines: list[int] = computed(
        resolvers.repeated_lines,
        models.Process.checkpoint,
        description="Their first hundred lines.",
    )
    percent: float | None = computed(
        resolvers.percent,
        models.Process.done,
        models.Process.total,
        description="0 to 100; null until the rows are counted.",
    )
    rate: float | None = computed(
        resolvers.rate,
        *resolvers.PACE,
        description="Rows a second so far; null before the first chunk.",
    )
    seconds_left: float | None = computed(
        resolvers.seconds_left,
        models.Process.total,
        *resolvers.PACE,
        description="At the rate so far; null where nothing can be said.",
    )
    user: User | None = one(models.Process.user_id, requires=Permission.USERS_VIEW)
    user_name: str | None = expression(events.user_name, "Who started it.")
    list: ContactList | None = one(models.Process.list_id, "The list that contacts go on.")
    campaign: Campaign | None = one(models.Process.campaign_id)
    file: StoredFile | None = one(models.Process.file_id)
    file_path: str | None = computed(
        resolvers.file_path,
        models.Process.id,
        models.Process.file_id,
        description="Where to GET the file, the same bytes as processed (C-14).",
    )
    rejections_path: str | None = computed(
        resolvers.rejections_path,
        models.Process.id,
        models.Process.failed,
        description="Where to GET the refused rows as a CSV that can be imported again (C-53).",
    )
    import_details: ImportDetails | None = computed(
        resolvers.import_details,
        models.Process.kind,
        models.Process.options,
        description="How the file is read; null for a process of another kind.",
    )
    error: ProcessError | None = computed(
        resolvers.error,
        models.Process.error_code,
        models.Process.error_field,
        models.Process.error_params,
        description="Why it failed; null unless it did.",
    )
    comment: str = column(models.Process.comment)
    scheduled_at: datetime = column(models.Process.scheduled_at, "Not begun before.")
    started_at: datetime | None = column(models.Process.started_at)
    finished_at: datetime | None = column(models.Process.finished_at)
    created_at: datetime = column(models.Process.created_at)
    rejections: Connection[ProcessRejection] = connection(
        description="The rows that were not taken, in the file's order.",
        on=lambda process, rejection: rejection.c.process_id == process.c.id,
        sorts={"LINE": (models.ProcessRejection.line,)},
        default_sort="LINE",
    )


@strawberry.type(description="A file by its first 256 kB, with the guesses; nothing is changed.")
class ImportPreview:
    file: StoredFile
    encoding: str
    separator: str
    has_header: bool
    columns: list[PreviewColumn]
    rows: list[list[str]] = strawberry.field(description="The first rows, 20 at the most.")
    warnings: list[ImportWarning]
    already_imported: list[Process] = strawberry.field(
        description="Imports of the very same bytes, the latest first (D5)."
    )


@strawberry.type(description="What the file looks like, or why it cannot be read.")
class ImportPreviewPayload:
    preview: ImportPreview | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="Which processes are wanted; the conditions all hold.")
class ProcessFilter:
    kind: ProcessKind | None = None
    state: ProcessState | None = None
    list_id: strawberry.ID | None = strawberry.field(
        default=None, description="Those that put contacts on this list."
    )


@strawberry.input(description="The process to cancel.")
class CancelProcessInput:
    id: strawberry.ID


@strawberry.type(description="The process as it stands now, or why it was refused.")
class ProcessPayload:
    process: Process | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ProcessQuery:
    processes: Connection[Process] = connection(
        description="The centre's processes, newest first.",
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        filter=ProcessFilter,
        filters={
            "kind": services.of_kind,
            "state": services.in_state,
            "listId": id_filter("ContactList", services.about_list),
        },
        requires=VIEW,
    )
    process: Process | None = by_id(description="One process.", requires=VIEW)
    import_preview: ImportPreviewPayload = resolves(
        by=resolvers.preview,
        gives=ImportPreviewPayload,
        requires=CREATE,
        description="Look at a stored file before it is imported; what is null is guessed.",
    )


@strawberry.type
class ProcessMutation:
    start_import: ProcessPayload = mutates(
        by=resolvers.start,
        takes=StartImportInput,
        gives=ProcessPayload,
        requires=CREATE,
        description="Import contacts from a stored CSV file onto a list (X-21, X-22).",
    )
    cancel_process: ProcessPayload = mutates(
        by=resolvers.cancel,
        takes=CancelProcessInput,
        gives=ProcessPayload,
        requires=Permission.PROCESSES_EDIT,
        description="Stop a process that waits or runs; what was done stays (C-13).",
    )


@strawberry.type
class ProcessSubscription:
    process_changed: AsyncGenerator[Process | None, None] = subscribes(
        by=resolvers.changed,
        gives=Process | None,
        requires=VIEW,
        description="A process now and after each change, until it is over.",
    )
