# SPDX-License-Identifier: Apache-2.0
"""Merging contacts: which values, numbers, tags and lists the one has afterwards (X-25 to X-28)."""

from server.domain.merging.kinds import (
    COLUMNS,
    MergeConflict,
    MergeConflictKind,
    MergedField,
    MergedPhone,
    MergedValue,
    MergedWord,
    MergeEntryEffect,
    MergePlan,
)
from server.domain.merging.phones import stricter
from server.domain.merging.planning import FEWEST, MOST, custom_name, fingerprint, plan_merge
from server.domain.merging.undoing import ChangeOutcome, ChangeSince, MergeState, Undone, undo

__all__ = [
    "COLUMNS",
    "FEWEST",
    "MOST",
    "ChangeOutcome",
    "ChangeSince",
    "MergeConflict",
    "MergeConflictKind",
    "MergeEntryEffect",
    "MergePlan",
    "MergeState",
    "MergedField",
    "MergedPhone",
    "MergedValue",
    "MergedWord",
    "Undone",
    "custom_name",
    "fingerprint",
    "plan_merge",
    "stricter",
    "undo",
]
