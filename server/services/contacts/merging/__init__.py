# SPDX-License-Identifier: Apache-2.0
"""Merging contacts, and undoing it for thirty days (X-25 to X-28, D2)."""

from server.services.contacts.merging.changes import ShownChange, shown_changes
from server.services.contacts.merging.previews import MergePreview, preview_merge
from server.services.contacts.merging.undoing import Unmerged, changes_since_merge, undo_merge
from server.services.contacts.merging.writing import Merged, merge_contacts

__all__ = [
    "MergePreview",
    "Merged",
    "ShownChange",
    "Unmerged",
    "changes_since_merge",
    "merge_contacts",
    "preview_merge",
    "shown_changes",
    "undo_merge",
]
