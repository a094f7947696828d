# SPDX-License-Identifier: Apache-2.0
"""The golden vectors on the pure machine (dial-machine section 10; X-29 to X-34)."""

import pytest

from server.domain.simulation import simulate
from tests.domain.dialer.vectors import VECTORS, Vector, notation


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_golden_vector_is_dialed_and_closed_to_the_letter(vector: Vector) -> None:
    answer = simulate(vector.scenario)
    assert notation(answer["history"]) == vector.calls
    assert answer["final"] == [vector.final]
    assert answer["open"] == answer["skipped"] == []


def test_history_has_a_row_a_call_with_its_place_and_type() -> None:
    """X-33: N calls, N rows, each with the number dialed."""
    rows = simulate(VECTORS[1].scenario)["history"]
    assert [(row["position"], row["itemType"]) for row in rows] == [
        (0, None),
        (1, "Office"),
        (2, "Holiday"),
        (0, None),
        (1, "Office"),
    ]
