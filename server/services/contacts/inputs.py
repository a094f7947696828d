# SPDX-License-Identifier: Apache-2.0
"""What a contact form or a client sends (X-11, X-14, X-15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.contacts import PhoneState
from server.domain.text import UNSET, Unset


@dataclass(frozen=True, kw_only=True)
class PhoneInput:
    """One chip: `number` as typed; `id` of the phone that it stands for, None for a new one.

    `state` UNSET: a number that the contact had keeps its state, another is AVAILABLE (C-06).
    """

    number: str
    item_type_id: int | None = None
    description: str = ""
    id: int | None = None
    state: PhoneState | Unset = UNSET


@dataclass(frozen=True, kw_only=True)
class ValueInput:
    """A value of a master data field as text; None or blank empties it.

    `campaign_id` says whose record it belongs to, where the field is one of records.
    """

    field_id: int
    value: str | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ContactInput:
    """`priority` 1 high, 2 normal, 3 low; `scheduled_at` aware: not to be called before.

    `phone_state` is the primary number's; `tags` are names, `language` is a BCP 47 tag.

    The order of `additional_phones` is kept; the dial order is another thing (X-05).
    """

    first_name: str
    last_name: str = ""
    email: str = ""
    company: str = ""
    phone: str | None = None
    phone_state: PhoneState | Unset = UNSET
    time_zone: str = ""
    language: str = ""
    photo_url: str = ""
    priority: int = 2
    scheduled_at: datetime | None = None
    additional_phones: Sequence[PhoneInput] = ()
    list_ids: Sequence[int] = ()
    campaign_id: int | None = None  # whose record it is to have (C-03)
    tags: Sequence[str] = ()
    values: Sequence[ValueInput] | Unset = UNSET


@dataclass(frozen=True, kw_only=True)
class ContactEdit:
    """What stays UNSET is left as it is; a list that is given replaces the whole list.

    `version` is the one that the editor saw: CONFLICT when it is no longer the last one.
    """

    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    email: str | Unset = UNSET
    company: str | Unset = UNSET
    phone: str | Unset | None = UNSET
    phone_state: PhoneState | Unset = UNSET
    time_zone: str | Unset = UNSET
    language: str | Unset = UNSET
    photo_url: str | Unset = UNSET
    priority: int | Unset = UNSET
    scheduled_at: datetime | Unset | None = UNSET
    additional_phones: Sequence[PhoneInput] | Unset = UNSET
    list_ids: Sequence[int] | Unset = UNSET
    tags: Sequence[str] | Unset = UNSET
    values: Sequence[ValueInput] | Unset = UNSET  # those given; all others stay as they are
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedContact:
    id: int
    name: str
    entries_closed: int  # stays in campaigns that ended with CONTACT_DELETED
    trashed_until: datetime  # until then it can be restored
