# SPDX-License-Identifier: Apache-2.0
"""How many typing errors turn one word into another."""


def distance(left: str, right: str) -> int:
    """Letters left out, put in, changed, or two neighbours swapped: the fewest of them."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        above, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if above and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
