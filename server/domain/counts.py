# SPDX-License-Identifier: Apache-2.0
"""How far a quick count goes: beyond it a page says "10,000+" and need not wait for the rest."""

COUNT_CAP = 10_000
