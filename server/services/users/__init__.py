# SPDX-License-Identifier: Apache-2.0
"""Users of a centre: who they are, what they may do, and whether they may sign in."""

from server.services.users.accounts import (
    UserEdit,
    UserInput,
    create_user,
    edit_user,
    visible_users,
)
from server.services.users.operator import (
    find_tenant_of,
    find_user,
    install_user,
    reset_password,
)
from server.services.users.states import (
    deactivate_user,
    end_sessions,
    reactivate_user,
    set_password,
)

__all__ = [
    "UserEdit",
    "UserInput",
    "create_user",
    "deactivate_user",
    "edit_user",
    "end_sessions",
    "find_tenant_of",
    "find_user",
    "install_user",
    "reactivate_user",
    "reset_password",
    "set_password",
    "visible_users",
]
