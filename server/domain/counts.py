# SPDX-License-Identifier: Apache-2.0
"""How far quick counts and searches go: beyond it a page says "10,000+" and need not wait."""

COUNT_CAP = 10_000
SEARCH_CAP = 1_000  # contacts, or numbers of contacts, that a text finds: the best of them
