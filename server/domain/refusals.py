# SPDX-License-Identifier: Apache-2.0
"""Collects the faults of one input, so that a form shows all of them in one answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.text import clean

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""Of moments that are given: what lies beyond was mistyped."""


class Refusals:
    """Note what is wrong, go on with a harmless value, and at the end `check`."""

    def __init__(self) -> None:
        self.errors: list[DomainError] = []

    def add(self, code: ErrorCode, field: str, **params: object) -> None:
        self.errors.append(DomainError(code, field, **params))

    @contextmanager
    def noting(self) -> Iterator[None]:
        """A refusal raised inside is noted, and the work goes on behind the block."""
        try:
            yield
        except DomainError as refusal:
            self.errors.append(refusal)

    def text(self, value: str, field: str, *, longest: int = 200, required: bool = False) -> str:
        """The cleaned text; "" where it was refused."""
        with self.noting():
            return clean(value, field, longest=longest, required=required)
        return ""

    def within(self, value: int, field: str, least: int, most: int) -> int:
        """The number if it lies in the bounds; the nearer bound where it was refused."""
        if not least <= value <= most:
            self.add(ErrorCode.OUT_OF_RANGE, field, min=least, max=most)
        return min(max(value, least), most)

    def within_time(
        self, moment: datetime, field: str, after: datetime = EARLIEST, before: datetime = LATEST
    ) -> bool:
        """Whether it lies in the bounds; noted where it does not."""
        lies = after <= moment < before
        if not lies:
            self.add(ErrorCode.OUT_OF_RANGE, field, after=after, before=before)
        return lies

    def check(self) -> None:
        """Raise what was noted, if anything was."""
        if self.errors:
            raise RefusalsError(self.errors)
