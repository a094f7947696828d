# SPDX-License-Identifier: Apache-2.0
"""Agents: who works on which list, what each is doing now, and the calls they are joined to.

Times are the database's clock. A desk changes by one guarded UPDATE a step, each written in the
agent's log and told to whoever looks.
"""

from server.domain.agents import AGENTS_CHANNEL, BEAT, LEASE, desk_topic
from server.services.agents.assigning import active, assigned_to, matching, visible_agents, works_on
from server.services.agents.autodialing import start_auto_dialing, stop_auto_dialing
from server.services.agents.calling import (
    TakenAgent,
    agent_connected,
    call_ended,
    customer_rings,
    free_agent,
    ready_agents,
    take_ready_agent,
)
from server.services.agents.finishing import finish_call, hang_up, reject_call
from server.services.agents.leases import beat, reap_agents
from server.services.agents.orders import HangUp, Order, take_orders, wanted_hang_ups
from server.services.agents.owning import (
    Obtained,
    give_contacts,
    obtain_contacts,
    spread_contacts,
    take_contacts_back,
)
from server.services.agents.previews import dial_previewed, preview_next, skip_previewed
from server.services.agents.reading import (
    AfterCall,
    AgentAtWork,
    CallInHand,
    Desk,
    DeskCampaign,
    agents_at_work,
    read_desk,
)
from server.services.agents.states import set_state, start_work

__all__ = [
    "AGENTS_CHANNEL",
    "BEAT",
    "LEASE",
    "AfterCall",
    "AgentAtWork",
    "CallInHand",
    "Desk",
    "DeskCampaign",
    "HangUp",
    "Obtained",
    "Order",
    "TakenAgent",
    "active",
    "agent_connected",
    "agents_at_work",
    "assigned_to",
    "beat",
    "call_ended",
    "customer_rings",
    "desk_topic",
    "dial_previewed",
    "finish_call",
    "free_agent",
    "give_contacts",
    "hang_up",
    "matching",
    "obtain_contacts",
    "preview_next",
    "read_desk",
    "ready_agents",
    "reap_agents",
    "reject_call",
    "set_state",
    "skip_previewed",
    "spread_contacts",
    "start_auto_dialing",
    "start_work",
    "stop_auto_dialing",
    "take_contacts_back",
    "take_orders",
    "take_ready_agent",
    "visible_agents",
    "wanted_hang_ups",
    "works_on",
]
