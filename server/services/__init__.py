# SPDX-License-Identifier: Apache-2.0
"""What the business does: verb and noun, on a session, for a viewer; knows no HTTP or GraphQL."""
