# SPDX-License-Identifier: Apache-2.0
"""Vocabulary and rules, pure: standard library only, no I/O, no clock of its own."""
