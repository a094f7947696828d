# SPDX-License-Identifier: Apache-2.0
"""What a GraphQL document may ask for, and the cache of documents that passed."""

from server.limits.budget import Limits
from server.limits.documents import Checked, DocumentError, Documents, Operation

__all__ = ["Checked", "DocumentError", "Documents", "Limits", "Operation"]
