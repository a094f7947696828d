# SPDX-License-Identifier: Apache-2.0
"""Schema changes in order, each real in both directions."""
