# SPDX-License-Identifier: Apache-2.0
"""The hopper in the database: loaded, claimed, reported and closed around the dial machine.

Every function takes a transaction of one tenant (a session, or a raw connection of `Database`) and
leaves the commit to its owner. Rules are the domain's; only the two orders, of a contact's numbers
and of due entries, are also SQL.
"""

from server.services.dialer.campaigns import DialedCampaign, read_campaign, read_campaigns
from server.services.dialer.claiming import Taken, claim, claim_batch, claim_calls, claim_singly
from server.services.dialer.claims import Claimed, Picked
from server.services.dialer.closing import Closed, close_ended, close_entries
from server.services.dialer.connections import Handle, connection_of, hold_claims
from server.services.dialer.due import next_moment
from server.services.dialer.faults import Step, belongs_to_entry, note_fault, release_parked
from server.services.dialer.following import follow_contacts
from server.services.dialer.holds import release_every_hold, release_holds
from server.services.dialer.leases import Lost, confirm_originate, heartbeat, reap, release
from server.services.dialer.lists import (
    Replaced,
    Reset,
    attach_list,
    detach_list,
    load_members,
    replace_lists,
    reset_list,
)
from server.services.dialer.loading import Loaded, load_contacts, newest_final
from server.services.dialer.phones import change_phones
from server.services.dialer.rechecking import recheck
from server.services.dialer.reporting import Report, Reported, report
from server.services.dialer.waking import (
    DIALER_CHANNEL,
    campaign_topic,
    centre_topic,
    tell_campaign,
    wake_dialer,
)

__all__ = [
    "DIALER_CHANNEL",
    "Claimed",
    "Closed",
    "DialedCampaign",
    "Handle",
    "Loaded",
    "Lost",
    "Picked",
    "Replaced",
    "Report",
    "Reported",
    "Reset",
    "Step",
    "Taken",
    "attach_list",
    "belongs_to_entry",
    "campaign_topic",
    "centre_topic",
    "change_phones",
    "claim",
    "claim_batch",
    "claim_calls",
    "claim_singly",
    "close_ended",
    "close_entries",
    "confirm_originate",
    "connection_of",
    "detach_list",
    "follow_contacts",
    "heartbeat",
    "hold_claims",
    "load_contacts",
    "load_members",
    "newest_final",
    "next_moment",
    "note_fault",
    "read_campaign",
    "read_campaigns",
    "reap",
    "recheck",
    "release",
    "release_every_hold",
    "release_holds",
    "release_parked",
    "replace_lists",
    "report",
    "reset_list",
    "tell_campaign",
    "wake_dialer",
]
