# SPDX-License-Identifier: Apache-2.0
"""How many objects a selection can bring back, as a sum of products of page sizes.

A page size may be a variable, so the sum is made once per document and evaluated per request; a
document without such variables costs the same each time and is judged once.
"""

from collections.abc import Iterable, Mapping

Terms = Mapping[tuple[str, ...], int]  # variables (see `together`) multiplied → coefficient

NOTHING: Terms = {}
ENORMOUS = 10**9  # larger sizes are all the same: refused


def size_of(text: str) -> int:
    """An integer literal as a size; never parses thousands of digits."""
    if text.startswith("-"):
        return 0
    return int(text) if len(text) <= 9 else ENORMOUS


def together(variables: Iterable[str]) -> str:
    """The name of what several variables give one page in sum."""
    return " ".join(variables)


def plus(left: Terms, right: Terms) -> Terms:
    if not left or not right:
        return left or right
    total = dict(left)
    for variables, coefficient in right.items():
        total[variables] = min(total.get(variables, 0) + coefficient, ENORMOUS)
    return total


def times(terms: Terms, size: int | str) -> Terms:
    """`size` is a number or the name of the variable that will hold it."""
    if isinstance(size, str):
        return {(*variables, size): coefficient for variables, coefficient in terms.items()}
    return {key: min(coefficient * size, ENORMOUS) for key, coefficient in terms.items()}


def one_more(terms: Terms) -> Terms:
    return plus(terms, {(): 1})


def constant(terms: Terms) -> int:
    return terms.get((), 0)


def evaluate(terms: Terms, sizes: Mapping[str, int]) -> int:
    total = 0
    for variables, coefficient in terms.items():
        product = coefficient
        for name in variables:
            product = min(product * sizes[name], ENORMOUS)
        total += product
    return total
