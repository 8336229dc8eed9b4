"""How the tests are dealt out to the workers: whole files, the longest first, and the pages in equal parts.

A file's tests share what its fixtures have made, and none of them waits alone at the end of the run.
"""

from itertools import count

import pytest
from xdist.scheduler import LoadScopeScheduling

# Those that take long, the longest first: begun at the end, one of them would keep its worker busy while others idle.
LONGEST = (
    "tests/browser/test_pages.py",
    "tests/config/test_run.py",
    "tests/test_every_door.py",
    "tests/test_every_field.py",
    "tests/browser/test_journey.py",
    "tests/config/test_year.py",
    "tests/api/test_document.py",
    "tests/crm/campaigns/test_killed.py",
    "tests/config/test_embedded.py",
    "tests/browser/till/test_keys.py",
    "tests/sms/test_killed.py",
    "tests/club/offers/test_properties.py",
    "tests/test_every_page.py",
    "tests/browser/test_offer_builder.py",
    "tests/browser/test_imports.py",
    "tests/test_other_club.py",
    "tests/test_every_answer.py",
    "tests/club/test_import.py",
    "tests/desk/test_list_plans.py",
    "tests/cases/test_table.py",
    "tests/reports/back_test/test_figures.py",
    "tests/config/test_demo.py",
    "tests/browser/till/test_trouble.py",
    "tests/cases/test_cases.py",
    "tests/api/test_members.py",
    "tests/test_every_file.py",
    "tests/test_every_page_in_english.py",
    "tests/desk/test_lists.py",
    "tests/api/test_bad_input.py",
    "tests/club/test_ledger_machine.py",
    "tests/club/test_tamperings.py",
    "tests/test_every_text.py",
    "tests/crm/segments/test_counting.py",
    "tests/reports/effect/test_effect.py",
    "tests/desk/offers/test_effect.py",
    "tests/api/test_hostile_bodies.py",
    "tests/crm/referrals/test_rewards.py",
    "tests/club/test_commands.py",
    "tests/browser/test_tickets.py",
    "tests/browser/test_layout.py",
    "tests/browser/test_agent_journey.py",
    "tests/sms/test_faults.py",
    "tests/club/offers/test_races.py",
    "tests/browser/till/test_offers.py",
    "tests/browser/test_leads.py",
    "tests/browser/test_sales_journey.py",
    "tests/club/test_races.py",
)
IN_PARTS = "tests/browser/test_pages.py"


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker file after file, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        config.option.loadscopereorder = False  # by how many tests they have
        super().__init__(config, log)
        self._turns = count()
        self._parts: dict[str, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file != IN_PARTS:
            return file
        if nodeid not in self._parts:
            self._parts[nodeid] = f"{file} {next(self._turns) % self.numnodes}"
        return self._parts[nodeid]


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of long files before all others, and leave every other order as it is."""
    places = {file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONGEST)))
