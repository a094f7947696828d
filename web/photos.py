# SPDX-License-Identifier: Apache-2.0
"""Pictures of contacts lie on other servers; a page may load them from the one it shows alone."""

from urllib.parse import urlsplit

from starlette.requests import Request

from web.site import Data


def allow_photo(request: Request, contact: Data) -> None:
    """Let this answer load pictures of the contact's own origin, and of no other (C-05).

    What is swapped into a page is bound by that page's policy: so photos stand in whole pages only.
    """
    if contact["photoUrl"]:
        request.state.image_origin = f"https://{urlsplit(contact['photoUrl']).netloc}"
