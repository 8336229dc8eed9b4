"""Agents, their contracts, what they earn and what they are paid."""

from crm.agents.commission_models import Account as Account
from crm.agents.commission_models import Commission as Commission
from crm.agents.commission_models import CommissionEntry as CommissionEntry
from crm.agents.commission_models import Payout as Payout
from crm.agents.commission_models import PayoutRun as PayoutRun
from crm.agents.contract_models import Agent as Agent
from crm.agents.contract_models import AgentSettings as AgentSettings
from crm.agents.contract_models import ContractTerms as ContractTerms
