# SPDX-License-Identifier: Apache-2.0
"""Which contacts can be merged at all."""

from collections.abc import Collection, Sequence

from server.domain.errors import DomainError, ErrorCode
from server.domain.merging import FEWEST, MOST
from server.domain.refusals import Refusals


def check_ids(contact_ids: Sequence[int], master_id: int | None) -> tuple[int, list[int]]:
    """The master, and all of the contacts in the order of their ids; no master: the first one.

    Raises OUT_OF_RANGE for one or for more than twenty, INVALID where an id comes twice.
    """
    if len(contact_ids) > MOST:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", min=FEWEST, max=MOST)
    refusals = Refusals()
    for place, contact_id in enumerate(contact_ids):
        if contact_id in contact_ids[:place]:
            refusals.add(ErrorCode.INVALID, f"ids.{place}", expected="each contact once")
    refusals.check()
    found = set(contact_ids) | (set() if master_id is None else {master_id})
    if not FEWEST <= len(found) <= MOST:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", min=FEWEST, max=MOST)
    return contact_ids[0] if master_id is None else master_id, sorted(found)


def check_found(contact_ids: Sequence[int], master_id: int | None, found: Collection[int]) -> None:
    """NOT_FOUND at each place of a contact that is not there, or out of sight (D9)."""
    refusals = Refusals()
    for place, contact_id in enumerate(contact_ids):
        if contact_id not in found:
            refusals.add(ErrorCode.NOT_FOUND, f"ids.{place}")
    if master_id is not None and master_id not in found and master_id not in contact_ids:
        refusals.add(ErrorCode.NOT_FOUND, "masterId")
    refusals.check()
