# SPDX-License-Identifier: Apache-2.0
"""The pages: htmx over the same schema that every other client uses."""
