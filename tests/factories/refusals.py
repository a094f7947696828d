# SPDX-License-Identifier: Apache-2.0
"""What a service refused, as pairs of code and field: short enough to compare in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from server.domain.errors import DomainError, RefusalsError


@contextmanager
def refusals() -> Iterator[list[tuple[str, str | None]]]:
    """Collects the refusals that the block raises; an empty list when it raises none."""
    told: list[tuple[str, str | None]] = []
    try:
        yield told
    except RefusalsError as several:
        told += [(error.code.value, error.field) for error in several.errors]
    except DomainError as error:
        told.append((error.code.value, error.field))
