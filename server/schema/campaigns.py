# SPDX-License-Identifier: Apache-2.0
"""Campaigns: what is called, by which rules, and how far it is (X-37, X-40)."""

from datetime import datetime, time
from enum import StrEnum

import strawberry
from strawberry.scalars import JSON

from server import models
from server.domain.permissions import Permission
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    identity,
    many,
)
from server.resolvers import campaigns, gate, planning
from server.schema.agents import Agent
from server.schema.calling import CampaignCalling
from server.schema.campaign_inputs import (
    CampaignPayload,
    CampaignStateInput,
    CreateCampaignInput,
    DeleteCampaignPayload,
    EditCampaignInput,
    ListsInput,
    LoadPayload,
    ResetListInput,
)
from server.schema.dialer import CallAttempt, FinalResult, HopperEntry
from server.schema.enums import (
    AfterStatus,
    CallStatus,
    CampaignState,
    CheckDuplicate,
    DialOrder,
    DialState,
    Driver,
    ExhaustionPolicy,
    FinalReason,
    Weekday,
)
from server.schema.fields import MasterDataField
from server.schema.gate import DialPolicy, DialRule
from server.schema.lists import ContactList
from server.schema.nodes import Connection, Node
from server.schema.planning import CampaignFinding
from server.schema.roots import mutates
from server.services import campaigns as services
from server.services import fields as field_services
from server.services.dialer import reading
from server.services.planning import facts_of_campaign
from server.services.visibility import with_campaign_list

VIEW = Permission.CAMPAIGNS_VIEW
EDIT = Permission.CAMPAIGNS_EDIT


@strawberry.type(description="How often, and when again, after one failure status.")
class RetrySetting:
    status: CallStatus
    label: str
    max: int
    minutes: int
    after_status: AfterStatus


@strawberry.type(description="Open entries in one state.")
class EntryCount:
    state: DialState
    label: str
    count: int


@strawberry.type(description="Attempts with one status.")
class AttemptCount:
    status: CallStatus
    label: str
    count: int


@strawberry.type(description="Closed stays of one reason.")
class FinalCount:
    reason: FinalReason
    label: str
    count: int


@strawberry.type(description="The attempts of one minute of the campaign's clock.")
class MinuteOfAttempts:
    minute: datetime
    counts: list[AttemptCount]


@strawberry.type(description="The contacts closed in one minute of the campaign's clock.")
class MinuteOfClosings:
    minute: datetime
    counts: list[FinalCount]


@entity(
    models.Campaign,
    prefix="campaign",
    visible=services.visible_campaigns,
    requires=VIEW,
    description="A dialing programme.",
)
class Campaign(CampaignCalling, Node):
    id: strawberry.ID = identity()
    name: str = column(models.Campaign.name)
    state: CampaignState = column(models.Campaign.state)
    state_label: str = computed(
        campaigns.state_label, models.Campaign.state, description="Localized."
    )
    global_max_retry: int = column(
        models.Campaign.global_max_retry, "Failures a number may have in all."
    )
    additional_phones_after: int = column(
        models.Campaign.additional_phones_after, "Minutes before each additional phone (X-37)."
    )
    retry_settings: list[RetrySetting] = expression(
        reading.retry_settings, "The eight failure statuses.", function=campaigns.retry_settings
    )
    exhaustion_policy: ExhaustionPolicy = column(models.Campaign.exhaustion_policy)
    max_attempts_per_contact: int | None = column(models.Campaign.max_attempts_per_contact)
    originate_timeout: int = column(models.Campaign.originate_timeout, "Seconds.")
    queue_timeout: int = column(models.Campaign.queue_timeout, "Seconds.")
    check_duplicate: CheckDuplicate = column(models.Campaign.check_duplicate)
    dial_order: DialOrder = column(models.Campaign.dial_order)
    simultaneous_lines: int = column(models.Campaign.simultaneous_lines)
    window_from: time | None = column(models.Campaign.window_from, "Local time.")
    window_to: time | None = column(models.Campaign.window_to, "Local time, exclusive.")
    window_days: list[Weekday] | None = column(models.Campaign.window_days, "Null: every day.")
    timezone: str = column(models.Campaign.timezone)
    ends_at: datetime | None = column(models.Campaign.ends_at)
    starts_at: datetime | None = column(models.Campaign.starts_at, "Nobody is called before.")
    matter: str = column(models.Campaign.matter, "What the calls are about.")
    max_attempts_per_number_24h: int | None = column(
        models.Campaign.max_attempts_per_number,
        "Calls to one number in 24 hours, counting every campaign.",
    )
    policies: list[DialPolicy] = computed(
        gate.policies, models.Campaign.policies, description="The ready-made rules it goes by."
    )
    rules: list[DialRule] = computed(
        gate.rules, models.Campaign.rules, description="Rules of its own."
    )
    driver: Driver = column(models.Campaign.driver)
    exchange_id: strawberry.ID | None = computed(
        campaigns.exchange_id, models.Campaign.exchange_id, description="Where ASTERISK calls by."
    )
    simulation: JSON = column(models.Campaign.simulation, convert=campaigns.json_value)
    clock_rate: int = column(
        models.Campaign.clock_rate, "Seconds of the campaign's clock in one real second."
    )
    now: datetime = expression(reading.campaign_now, "The campaign's clock.")
    findings: list[CampaignFinding] = expression(
        facts_of_campaign,
        "What contradicts itself in its settings, the gravest first.",
        function=planning.findings,
    )
    settings_version: int = column(models.Campaign.settings_version)
    version: int = column(models.Campaign.version, "Send it back with an edit.")
    started_at: datetime | None = column(models.Campaign.started_at)
    created_at: datetime = column(models.Campaign.created_at)
    entry_counts: list[EntryCount] = expression(
        reading.entry_counts, "Open entries by state.", function=campaigns.entry_counts
    )
    attempt_counts: list[AttemptCount] = expression(
        reading.attempt_counts, "Attempts by outcome.", function=campaigns.attempt_counts
    )
    final_counts: list[FinalCount] = expression(
        reading.final_counts, "Closed stays by reason.", function=campaigns.final_counts
    )
    attempts_by_minute: list[MinuteOfAttempts] = expression(
        reading.attempts_by_minute,
        "The newest two hours of the campaign's clock.",
        function=campaigns.attempts_by_minute,
    )
    closings_by_minute: list[MinuteOfClosings] = expression(
        reading.closings_by_minute,
        "Of the newest two hours that contacts were closed in, 10,000 contacts at the most.",
        function=campaigns.closings_by_minute,
    )
    lists: list[ContactList] = many(
        with_campaign_list,
        order_by=(models.ContactList.name_key,),
        description="The lists that it calls.",
        requires=Permission.LISTS_VIEW,
    )
    fields: list[MasterDataField] = many(
        field_services.of_campaign,
        order_by=(field_services.place_in_campaign,),
        description="The fields of its records, in order (C-23).",
    )
    agents: list[Agent] = many(
        reading.works_on_campaign,
        order_by=(models.User.name_key,),
        description="The agents who work on it.",
        requires=Permission.LISTS_VIEW,
    )
    hopper: Connection[HopperEntry] = connection(
        description="Its open entries, the next due first.",
        on=lambda campaign, entry: entry.c.campaign_id == campaign.c.id,
        sorts={"DUE": (models.HopperEntry.scheduled_at,)},
        default_sort="DUE",
    )
    history: Connection[CallAttempt] = connection(
        description="Its attempts, newest first.",
        on=lambda campaign, attempt: attempt.c.campaign_id == campaign.c.id,
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
    )
    final: Connection[FinalResult] = connection(
        description="Its closed stays, newest first.",
        on=lambda campaign, result: result.c.campaign_id == campaign.c.id,
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
    )


@strawberry.enum(description="What campaigns are sorted by.")
class CampaignSort(StrEnum):
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


@strawberry.input(description="Which campaigns are wanted.")
class CampaignFilter:
    search: str | None = strawberry.field(default=None, description="Part of the name.")
    state: CampaignState | None = None
    states: list[CampaignState] | None = strawberry.field(
        default=None, description="In any of these."
    )


@strawberry.type
class CampaignQuery:
    campaigns: Connection[Campaign] = connection(
        description="The campaigns that the caller may see.",
        sort=CampaignSort,
        sorts={
            "NAME": (models.Campaign.name_key,),
            "CREATED_AT": (models.Campaign.created_at,),
        },
        default_sort="NAME",
        filter=CampaignFilter,
        filters={
            "search": services.matching,
            "state": reading.in_campaign_state,
            "states": reading.in_campaign_states,
        },
        requires=VIEW,
    )
    campaign: Campaign | None = by_id(description="One campaign.", requires=VIEW)


@strawberry.type
class CampaignMutation:
    create_campaign: LoadPayload = mutates(
        by=campaigns.create,
        takes=CreateCampaignInput,
        gives=LoadPayload,
        requires=Permission.CAMPAIGNS_CREATE,
        description="Set up a campaign; it calls nobody before it is started.",
    )
    edit_campaign: CampaignPayload = mutates(
        by=campaigns.edit,
        takes=EditCampaignInput,
        gives=CampaignPayload,
        requires=EDIT,
        description="Change settings; they hold from the next step that is scheduled (X-37).",
    )
    delete_campaign: DeleteCampaignPayload = mutates(
        by=campaigns.delete,
        takes=CampaignStateInput,
        gives=DeleteCampaignPayload,
        requires=Permission.CAMPAIGNS_DELETE,
        description="Delete a campaign that does not run, with its hopper and final results. "
        "Its calls stay, and count for how often somebody may be called.",
    )
    start_campaign: CampaignPayload = mutates(
        by=campaigns.becomes(services.start_campaign),
        takes=CampaignStateInput,
        gives=CampaignPayload,
        requires=EDIT,
        description="Begin to call.",
    )
    pause_campaign: CampaignPayload = mutates(
        by=campaigns.becomes(services.pause_campaign),
        takes=CampaignStateInput,
        gives=CampaignPayload,
        requires=EDIT,
        description="Place no further calls for now; clocks keep running.",
    )
    resume_campaign: CampaignPayload = mutates(
        by=campaigns.becomes(services.resume_campaign),
        takes=CampaignStateInput,
        gives=CampaignPayload,
        requires=EDIT,
        description="Call again after a pause.",
    )
    stop_campaign: CampaignPayload = mutates(
        by=campaigns.becomes(services.stop_campaign),
        takes=CampaignStateInput,
        gives=CampaignPayload,
        requires=EDIT,
        description="Place no further calls; open entries stay for another start.",
    )
    attach_lists: LoadPayload = mutates(
        by=campaigns.relists(services.attach_lists),
        takes=ListsInput,
        gives=LoadPayload,
        requires=EDIT,
        description="Call these lists too; their contacts are loaded (X-23, X-40).",
    )
    detach_lists: LoadPayload = mutates(
        by=campaigns.relists(services.detach_lists),
        takes=ListsInput,
        gives=LoadPayload,
        requires=EDIT,
        description="No longer call these lists; their open entries close.",
    )
    replace_lists: LoadPayload = mutates(
        by=campaigns.relists(services.replace_lists),
        takes=ListsInput,
        gives=LoadPayload,
        requires=EDIT,
        description="Call these lists and no others, in one step (dial-machine section 9 h).",
    )
    reset_list: LoadPayload = mutates(
        by=campaigns.reset,
        takes=ResetListInput,
        gives=LoadPayload,
        requires=EDIT,
        description="Start the list's contacts afresh; the history stays.",
    )
