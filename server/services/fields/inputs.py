# SPDX-License-Identifier: Apache-2.0
"""What the form of a master data field or a client sends (C-22)."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.fields import FieldScope, FieldType
from server.domain.text import UNSET, Unset


@dataclass(frozen=True, kw_only=True)
class FieldInput:
    """`display_name` "": the name. `valid_values`: one or several a text, `;` between them."""

    name: str
    display_name: str = ""
    type: FieldType
    scope: FieldScope = FieldScope.CONTACT
    size: int | None = None
    valid_values: Sequence[str] = ()
    is_required: bool = False
    is_unique: bool = False
    is_multi_line: bool = False
    is_searchable: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldEdit:
    """What stays UNSET is left as it is; `version` is the one that the editor saw."""

    name: str | Unset = UNSET
    display_name: str | Unset = UNSET
    type: FieldType | Unset = UNSET
    scope: FieldScope | Unset = UNSET
    size: int | Unset | None = UNSET
    valid_values: Sequence[str] | Unset = UNSET
    is_required: bool | Unset = UNSET
    is_unique: bool | Unset = UNSET
    is_multi_line: bool | Unset = UNSET
    is_searchable: bool | Unset = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedField:
    id: int
    name: str
    values_lost: int
    trashed_id: int  # what restores it
