# SPDX-License-Identifier: Apache-2.0
"""The connections: GraphQL in, one service call out."""
