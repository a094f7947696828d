# SPDX-License-Identifier: Apache-2.0
"""One's own account: logging in and out, sessions, preferences, password, API tokens."""

from server.services.account.login import log_in
from server.services.account.passwords import choose_password, hash_password
from server.services.account.preferences import (
    DENSITIES,
    LOCALES,
    THEMES,
    PreferencesEdit,
    change_password,
    edit_preferences,
)
from server.services.account.sessions import (
    end_other_sessions,
    end_session,
    log_out,
    visible_sessions,
)
from server.services.account.sweeping import forget_ended
from server.services.account.tokens import (
    CreatedToken,
    TokenInput,
    create_token,
    install_token,
    revoke_token,
    visible_tokens,
)

__all__ = [
    "DENSITIES",
    "LOCALES",
    "THEMES",
    "CreatedToken",
    "PreferencesEdit",
    "TokenInput",
    "change_password",
    "choose_password",
    "create_token",
    "edit_preferences",
    "end_other_sessions",
    "end_session",
    "forget_ended",
    "hash_password",
    "install_token",
    "log_in",
    "log_out",
    "revoke_token",
    "visible_sessions",
    "visible_tokens",
]
