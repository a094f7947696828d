# SPDX-License-Identifier: Apache-2.0
"""What agents can say of a call, and what follows when they do (dial-machine sections 4 and 8)."""

from server.services.dispositions.choosing import (
    chosen_in,
    path_of,
    visible_dispositions,
)
from server.services.dispositions.disposing import Disposed, dispose_call
from server.services.dispositions.keeping import (
    DeletedDisposition,
    DispositionEdit,
    DispositionInput,
    create_disposition,
    delete_disposition,
    edit_disposition,
    seed_dispositions,
)

__all__ = [
    "DeletedDisposition",
    "Disposed",
    "DispositionEdit",
    "DispositionInput",
    "chosen_in",
    "create_disposition",
    "delete_disposition",
    "dispose_call",
    "edit_disposition",
    "path_of",
    "seed_dispositions",
    "visible_dispositions",
]
