# SPDX-License-Identifier: Apache-2.0
"""One's own account: who is asking, preferences, password, sessions, API tokens.

There is no mutation to log in: programs send a bearer token, and people get their session as a
cookie from the form at `/login`, which no script can read.
"""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission, Role
from server.planner import by_id, column, connection, entity, expression, identity
from server.resolvers import account
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates, resolves
from server.services import account as services
from server.services.account import tokens

VIEW = Permission.TOKENS_VIEW


@strawberry.type(description="The person, or the token, behind this request.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="The id of their `User`.")
    name: str = strawberry.field(description="The log-in name.")
    full_name: str
    role: Role
    role_label: str
    permissions: list[str] = strawberry.field(
        description="What they may do at this moment, as `permissionTree` names it."
    )
    locale: str = strawberry.field(description="`en` or `it`.")
    timezone: str = strawberry.field(description="IANA name.")
    theme: str = strawberry.field(description="`auto`, `light` or `dark`.")
    density: str = strawberry.field(description="`comfortable` or `compact`.")
    region: str = strawberry.field(description="Where numbers without a country code are from.")
    session_id: strawberry.ID | None = strawberry.field(description="Null for an API token.")
    token_id: strawberry.ID | None = strawberry.field(description="Null for a session.")


@entity(
    models.Session,
    prefix="session",
    visible=services.visible_sessions,
    requires=None,
    description="A browser in which the viewer is signed in; everybody sees their own only.",
)
class Session(Node):
    id: strawberry.ID = identity()
    ip: str = column(models.Session.ip)
    user_agent: str = column(models.Session.user_agent)
    created_at: datetime = column(models.Session.created_at, "When they logged in.")
    last_seen_at: datetime = column(models.Session.last_seen_at, "To the minute.")
    expires_at: datetime = column(models.Session.expires_at, "When it ends even if used.")


@entity(
    models.ApiToken,
    prefix="token",
    visible=services.visible_tokens,
    requires=VIEW,
    description="A bearer token of a user; its secret was shown once and is not stored.",
)
class ApiToken(Node):
    id: strawberry.ID = identity()
    name: str = column(models.ApiToken.name)
    hint: str = column(models.ApiToken.hint, "The secret's last four characters.")
    scopes: list[str] | None = column(
        models.ApiToken.scopes, "Permissions that it is narrowed to; null: all that its user has."
    )
    user_name: str = expression(tokens.owner_name, "The log-in name of whom it stands for.")
    is_usable: bool = expression(tokens.is_usable, "Neither revoked nor past its end.")
    created_at: datetime = column(models.ApiToken.created_at)
    expires_at: datetime | None = column(models.ApiToken.expires_at)
    last_used_at: datetime | None = column(models.ApiToken.last_used_at, "To the minute.")
    revoked_at: datetime | None = column(models.ApiToken.revoked_at)


@strawberry.enum(description="What sessions are sorted by.")
class SessionSort(StrEnum):
    LAST_SEEN_AT = "LAST_SEEN_AT"
    CREATED_AT = "CREATED_AT"


@strawberry.enum(description="What API tokens are sorted by.")
class ApiTokenSort(StrEnum):
    CREATED_AT = "CREATED_AT"


@strawberry.input(description="What to set for oneself; fields left out stay as they are.")
class EditPreferencesInput:
    full_name: str | None = strawberry.UNSET
    locale: str | None = strawberry.field(default=strawberry.UNSET, description="`en` or `it`.")
    timezone: str | None = strawberry.field(default=strawberry.UNSET, description="IANA name.")
    theme: str | None = strawberry.field(
        default=strawberry.UNSET, description="`auto`, `light` or `dark`."
    )
    density: str | None = strawberry.field(
        default=strawberry.UNSET, description="`comfortable` or `compact`."
    )


@strawberry.input(description="The present password and the next one.")
class ChangePasswordInput:
    current_password: str
    new_password: str


@strawberry.input(description="One of one's own sessions.")
class EndSessionInput:
    id: strawberry.ID


@strawberry.input(description="A new API token; it holds no more than its user does.")
class CreateApiTokenInput:
    name: str
    scopes: list[str] | None = strawberry.field(
        default=None, description="Permissions to narrow it to; left out: all that the user has."
    )
    days: int = strawberry.field(
        default=tokens.DEFAULT_DAYS, description=f"It ends after these, {tokens.MOST_DAYS} at most."
    )
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whom it stands for, if not oneself; for administrators."
    )


@strawberry.input(description="The API token to revoke.")
class RevokeApiTokenInput:
    id: strawberry.ID


@strawberry.type(description="Whether the session was ended, or why it could not be.")
class LogOutPayload:
    logged_out: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The viewer as they are now, or why it was refused.")
class ViewerPayload:
    viewer: Viewer | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many sessions were ended, or why it was refused.")
class SessionsPayload:
    sessions_ended: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The new token with its secret, or why it was refused.")
class CreateApiTokenPayload:
    api_token: ApiToken | None = None
    secret: str | None = strawberry.field(
        default=None, description="To be sent as `Authorization: Bearer …`; never shown again."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The token as it stands now, or why it was refused.")
class ApiTokenPayload:
    api_token: ApiToken | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class AccountQuery:
    centre: str | None = resolves(
        by=account.centre,
        is_public=True,
        description="What the centre calls itself; null where that cannot be said before a log-in.",
    )
    viewer: Viewer | None = resolves(
        by=account.viewer,
        is_public=True,
        description="Who is asking; null while nobody is signed in.",
    )
    sessions: Connection[Session] = connection(
        description="The viewer's own sessions, the last one used first.",
        sort=SessionSort,
        sorts={
            "LAST_SEEN_AT": (models.Session.last_seen_at,),
            "CREATED_AT": (models.Session.created_at,),
        },
        default_sort="LAST_SEEN_AT",
        default_descending=True,
    )
    api_tokens: Connection[ApiToken] = connection(
        description="One's own API tokens, to administrators everybody's; newest first.",
        sort=ApiTokenSort,
        sorts={"CREATED_AT": (models.ApiToken.created_at,)},
        default_sort="CREATED_AT",
        default_descending=True,
        requires=VIEW,
    )
    api_token: ApiToken | None = by_id(description="One API token.", requires=VIEW)


@strawberry.type
class AccountMutation:
    log_out: LogOutPayload = mutates(
        by=account.log_out,
        takes=None,
        gives=LogOutPayload,
        description="End this session at the server, wherever a copy of its cookie is.",
    )
    edit_preferences: ViewerPayload = mutates(
        by=account.edit_preferences,
        takes=EditPreferencesInput,
        gives=ViewerPayload,
        description="Set one's own name, language, time zone and looks.",
    )
    change_password: SessionsPayload = mutates(
        by=account.change_password,
        takes=ChangePasswordInput,
        gives=SessionsPayload,
        description="Change one's own password; one's other sessions end.",
    )
    end_session: SessionsPayload = mutates(
        by=account.end_session,
        takes=EndSessionInput,
        gives=SessionsPayload,
        description="End one of one's own sessions.",
    )
    end_other_sessions: SessionsPayload = mutates(
        by=account.end_other_sessions,
        takes=None,
        gives=SessionsPayload,
        description="End all of one's own sessions but this one.",
    )
    create_api_token: CreateApiTokenPayload = mutates(
        by=account.create_token,
        takes=CreateApiTokenInput,
        gives=CreateApiTokenPayload,
        requires=Permission.TOKENS_CREATE,
        description="Make an API token; its secret is in this answer and nowhere else.",
    )
    revoke_api_token: ApiTokenPayload = mutates(
        by=account.revoke_token,
        takes=RevokeApiTokenInput,
        gives=ApiTokenPayload,
        requires=Permission.TOKENS_DELETE,
        description="Stop an API token for good.",
    )
