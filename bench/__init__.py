# SPDX-License-Identifier: Apache-2.0
"""Benchmarks: each prints ratios and medians measured in one run; see bench/README.md."""
