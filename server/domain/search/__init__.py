# SPDX-License-Identifier: Apache-2.0
"""Global search: what is found, by which field, how well, and where to mark it (X-08)."""

from server.domain.search.keys import parted, search_key, search_words
from server.domain.search.marks import Mark, marks_of_digits, marks_of_words
from server.domain.search.ranks import Rank, rank_of_number, rank_of_text
from server.domain.search.types import SearchAccuracy, SearchField, SearchType

__all__ = [
    "Mark",
    "Rank",
    "SearchAccuracy",
    "SearchField",
    "SearchType",
    "marks_of_digits",
    "marks_of_words",
    "parted",
    "rank_of_number",
    "rank_of_text",
    "search_key",
    "search_words",
]
