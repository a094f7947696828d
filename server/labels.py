# SPDX-License-Identifier: Apache-2.0
"""What the members of the domain's enums are called; `server.i18n.label` gives them translated.

One table per enum, because members of two StrEnums with the same text are equal as keys; the
enum's name is the context of its messages, because one word may need two translations.
"""

from enum import StrEnum

from server.dialing_labels import DIALING
from server.domain.bulk import BulkAction
from server.domain.campaigns.checker import FindingCode, FindingSeverity
from server.domain.contacts import PhoneState
from server.domain.duplicates import DuplicateKind
from server.domain.errors import ErrorCode
from server.domain.exports import ExportColumn
from server.domain.fields import FieldScope, FieldType
from server.domain.fields.definitions import Change
from server.domain.gate import ZoneSource
from server.domain.imports.columns import ImportField
from server.domain.imports.preview import ImportWarning
from server.domain.live import LiveAlert
from server.domain.merging import ChangeOutcome, MergeConflictKind, MergeEntryEffect, MergeState
from server.domain.permissions import Role
from server.domain.processes import ProcessKind, ProcessState
from server.domain.search import SearchAccuracy, SearchField, SearchType
from server.domain.telephony import ExchangeFault
from server.domain.trash import ContactPlace, LeftOutKind
from server.domain.views import ViewSubject
from server.messages import N_, NP_

# Shown by a message of their own, or never shown.
PLAIN = frozenset(
    {
        *(ErrorCode, BulkAction, Change, ZoneSource),
        *(ExchangeFault, FindingCode, FindingSeverity, LiveAlert),
    }
)

LABELS: dict[type[StrEnum], dict[str, str]] = DIALING | {
    Role: {
        Role.ADMIN: NP_("Role", "Administrator"),
        Role.SUPERVISOR: NP_("Role", "Supervisor"),
        Role.AGENT: NP_("Role", "Agent"),
    },
    PhoneState: {
        PhoneState.AVAILABLE: NP_("PhoneState", "Available"),
        PhoneState.INACTIVE: NP_("PhoneState", "Inactive"),
        PhoneState.EXCLUDED: NP_("PhoneState", "Excluded"),
        PhoneState.BLOCKED: NP_("PhoneState", "Blocked"),
    },
    ContactPlace: {
        ContactPlace.HERE: NP_("ContactPlace", "Here"),
        ContactPlace.TRASH: NP_("ContactPlace", "In the trash"),
        ContactPlace.MERGED: NP_("ContactPlace", "Merged"),
        ContactPlace.GONE: NP_("ContactPlace", "Gone"),
    },
    DuplicateKind: {
        DuplicateKind.NUMBER: NP_("DuplicateKind", "Same number"),
        DuplicateKind.EMAIL: NP_("DuplicateKind", "Same e-mail address"),
        DuplicateKind.NAME: NP_("DuplicateKind", "Similar name in the same company"),
    },
    ChangeOutcome: {
        ChangeOutcome.STAYS: NP_("ChangeOutcome", "Stays with the merged contact"),
        ChangeOutcome.COMES_BACK: NP_("ChangeOutcome", "Comes back to whom it belonged"),
    },
    MergeState: {
        MergeState.UNDOABLE: NP_("MergeState", "Can be undone"),
        MergeState.UNDONE: NP_("MergeState", "Undone already"),
        MergeState.EXPIRED: NP_("MergeState", "More than thirty days old"),
        MergeState.FOLLOWED: NP_("MergeState", "Followed by another merge of the contact"),
        MergeState.TRASHED: NP_("MergeState", "In the trash"),
        MergeState.GONE: NP_("MergeState", "Deleted for good"),
    },
    MergeEntryEffect: {
        MergeEntryEffect.KEPT: NP_("MergeEntryEffect", "Goes on"),
        MergeEntryEffect.MOVED: NP_("MergeEntryEffect", "Moves to the merged contact"),
        MergeEntryEffect.JOINED: NP_("MergeEntryEffect", "Joined into one"),
        MergeEntryEffect.CLOSED: NP_("MergeEntryEffect", "Ends"),
    },
    MergeConflictKind: {
        MergeConflictKind.PRIMARY_MOVES: NP_("MergeConflictKind", "Primary number moves"),
        MergeConflictKind.TYPES_DIFFER: NP_("MergeConflictKind", "Types differ"),
        MergeConflictKind.DESCRIPTIONS_DIFFER: NP_("MergeConflictKind", "Descriptions differ"),
        MergeConflictKind.STATES_DIFFER: NP_("MergeConflictKind", "States differ"),
        MergeConflictKind.ENTRIES_JOIN: NP_("MergeConflictKind", "Open stays are joined"),
        MergeConflictKind.TOO_MANY_PHONES: NP_("MergeConflictKind", "Too many numbers"),
        MergeConflictKind.ON_CALL: NP_("MergeConflictKind", "On a call"),
    },
    LeftOutKind: {
        LeftOutKind.LIST: NP_("LeftOutKind", "The list is gone"),
        LeftOutKind.TAG: NP_("LeftOutKind", "The tag is gone"),
        LeftOutKind.ITEM_TYPE: NP_("LeftOutKind", "The item type is gone: its number has none"),
        LeftOutKind.FIELD: NP_("LeftOutKind", "The field is gone"),
        LeftOutKind.VALUE: NP_("LeftOutKind", "Another contact has this unique value now"),
        LeftOutKind.PHONE: NP_("LeftOutKind", "The number is on the contact already"),
        LeftOutKind.CAMPAIGN: NP_("LeftOutKind", "The campaign does not call the list any more"),
        LeftOutKind.DUPLICATE: NP_(
            "LeftOutKind", "The campaign has the number from another contact"
        ),
        LeftOutKind.CLOSED: NP_("LeftOutKind", "Its stay in the campaign has ended"),
    },
    FieldType: {
        FieldType.TEXT: NP_("FieldType", "Text"),
        FieldType.NUMBER: NP_("FieldType", "Number"),
        FieldType.DATE: NP_("FieldType", "Date"),
        FieldType.DATETIME: NP_("FieldType", "Date and time"),
        FieldType.CHOICE: NP_("FieldType", "Choice"),
        FieldType.BOOLEAN: NP_("FieldType", "Yes or no"),
        FieldType.EMAIL: NP_("FieldType", "E-mail"),
        FieldType.PHONE: NP_("FieldType", "Phone"),
        FieldType.LINK: NP_("FieldType", "Link"),
    },
    FieldScope: {
        FieldScope.CONTACT: NP_("FieldScope", "Contact"),
        FieldScope.RECORD: NP_("FieldScope", "Campaign record"),
    },
    ExportColumn: {
        ExportColumn.FIRST_NAME: NP_("ExportColumn", "First name"),
        ExportColumn.LAST_NAME: NP_("ExportColumn", "Last name"),
        ExportColumn.PHONE: NP_("ExportColumn", "Primary phone"),
        ExportColumn.PHONES: NP_("ExportColumn", "Additional phone"),
        ExportColumn.EMAIL: NP_("ExportColumn", "E-mail"),
        ExportColumn.COMPANY: NP_("ExportColumn", "Company"),
        ExportColumn.TAGS: NP_("ExportColumn", "Tags"),
        ExportColumn.LISTS: NP_("ExportColumn", "Lists"),
        ExportColumn.PRIORITY: NP_("ExportColumn", "Priority"),
        ExportColumn.LANGUAGE: NP_("ExportColumn", "Language"),
        ExportColumn.TIME_ZONE: NP_("ExportColumn", "Time zone"),
        ExportColumn.CREATED_AT: NP_("ExportColumn", "Added"),
        ExportColumn.FIELD: NP_("ExportColumn", "Custom field"),
    },
    ImportField: {
        ImportField.FIRST_NAME: NP_("ImportField", "First name"),
        ImportField.LAST_NAME: NP_("ImportField", "Last name"),
        ImportField.NAME: NP_("ImportField", "Name"),
        ImportField.PHONE: NP_("ImportField", "Primary phone"),
        ImportField.EMAIL: NP_("ImportField", "E-mail"),
        ImportField.COMPANY: NP_("ImportField", "Company"),
        ImportField.PRIORITY: NP_("ImportField", "Priority"),
        ImportField.SCHEDULED_AT: NP_("ImportField", "Scheduled at"),
    },
    ImportWarning: {
        ImportWarning.ENCODING_GUESSED: NP_(
            "ImportWarning", "The encoding is a guess: look at the accents in the sample rows."
        ),
        ImportWarning.UNEVEN_ROWS: NP_(
            "ImportWarning", "Some rows have more or fewer cells: perhaps the separator is another."
        ),
        ImportWarning.EQUAL_COLUMNS: NP_(
            "ImportWarning", "Two columns have the same name: the second one was renamed."
        ),
        ImportWarning.ROUNDED_NUMBERS: NP_(
            "ImportWarning", "A spreadsheet has rounded numbers: format them as text, export again."
        ),
    },
    SearchType: {
        SearchType.CONTACT: NP_("SearchType", "Contact"),
        SearchType.ITEM_TYPE: NP_("SearchType", "Contact item type"),
        SearchType.LIST: NP_("SearchType", "List"),
        SearchType.CAMPAIGN: NP_("SearchType", "Campaign"),
        SearchType.USER: NP_("SearchType", "User"),
    },
    SearchField: {
        SearchField.NAME: NP_("SearchField", "Name"),
        SearchField.FULL_NAME: NP_("SearchField", "Full name"),
        SearchField.EMAIL: NP_("SearchField", "E-mail"),
        SearchField.COMPANY: NP_("SearchField", "Company"),
        SearchField.PHONE: NP_("SearchField", "Primary phone"),
        SearchField.ADDITIONAL_PHONE: NP_("SearchField", "Additional phone"),
        SearchField.CUSTOM: NP_("SearchField", "Custom field"),
        SearchField.DESCRIPTION: NP_("SearchField", "Description"),
        SearchField.ORDER_BY: NP_("SearchField", "Order by"),
        SearchField.COLOR: NP_("SearchField", "Color"),
    },
    SearchAccuracy: {
        SearchAccuracy.EXACT: NP_("SearchAccuracy", "As typed"),
        SearchAccuracy.FUZZY: NP_("SearchAccuracy", "Much like it"),
    },
    ProcessKind: {
        ProcessKind.IMPORT: NP_("ProcessKind", "Import"),
        ProcessKind.EXPORT: NP_("ProcessKind", "Export"),
        ProcessKind.DELETE: NP_("ProcessKind", "Delete"),
        ProcessKind.RESTORE: NP_("ProcessKind", "Restore"),
        ProcessKind.CHANGE: NP_("ProcessKind", "Change"),
    },
    ViewSubject: {
        ViewSubject.CONTACTS: NP_("ViewSubject", "Contacts"),
        ViewSubject.LISTS: NP_("ViewSubject", "Lists"),
        ViewSubject.ITEM_TYPES: NP_("ViewSubject", "Contact item types"),
        ViewSubject.CAMPAIGNS: NP_("ViewSubject", "Campaigns"),
        ViewSubject.USERS: NP_("ViewSubject", "Users"),
    },
    ProcessState: {
        ProcessState.PENDING: NP_("ProcessState", "Waiting"),
        ProcessState.RUNNING: NP_("ProcessState", "Running"),
        ProcessState.FINISHED: NP_("ProcessState", "Finished"),
        ProcessState.CANCELLED: NP_("ProcessState", "Cancelled"),
        ProcessState.FAILED: NP_("ProcessState", "Failed"),
    },
}

PERMISSION_GROUPS = {
    "contacts": N_("Contacts"),
    "campaigns": N_("Campaigns"),
    "processes": N_("Processes"),
    "tools": N_("Tools"),
    "staff": N_("Staff"),
    "audit": N_("Audit"),
}
PERMISSION_SUBJECTS = {
    "contacts": N_("Contacts"),
    "lists": N_("Lists"),
    "campaigns": N_("Campaigns"),
    "calls": N_("Calls"),
    "tasks": N_("Scheduled tasks"),
    "blacklists": N_("Blacklists"),
    "processes": N_("Imports and exports"),
    "item_types": N_("Contact item types"),
    "fields": N_("Master data fields"),
    "telephony": N_("Telephony"),
    "users": N_("Users"),
    "profiles": N_("User profiles"),
    "tokens": N_("API tokens"),
    "events": N_("Audit log"),
    "schema": N_("API schema"),
}
PERMISSION_VERBS = {
    "view": NP_("Permission", "View"),
    "create": NP_("Permission", "Create"),
    "edit": NP_("Permission", "Edit"),
    "delete": NP_("Permission", "Delete"),
    "merge": NP_("Permission", "Merge"),
    "purge": NP_("Permission", "Delete for good"),
    "export": NP_("Permission", "Export"),
    "share": NP_("Permission", "Share filters"),
    "make": NP_("Permission", "Make calls"),
    "block": NP_("Permission", "Block numbers and people"),
    "assign": NP_("Permission", "Assign to agents"),
    "claim": NP_("Permission", "Claim by a dialer of one's own"),
    "introspect": NP_("Permission", "Read with tools"),
}
