"""A canned answer on its way to a member."""

from collections.abc import Callable

from core.models import Club
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, Stage, overflow, violations
from tests.shop import Shop
from tests.tickets.acts import asks
from tickets.canned import CannedWords, save_canned
from tickets.models import Comment


def test_support_answers_with_a_canned_text_in_two_taps_from_the_thread(
    committed_club: Club, stage: Callable[..., Stage]
) -> None:
    sara = Shop(committed_club).member(first_name="سارا", last_name="")
    ticket = asks(sara)
    save_canned(CannedWords("درود", "سلام {name} عزیز، درست شد."), actor="user:1")
    desk = stage(signed_in(person("support", name="علی"), committed_club), size=PHONE)
    page = desk.open(f"/desk/tickets/{ticket.pk}/")

    page.fill("#answer [name=text]", "؟")
    page.press("#answer [name=text]", "Home")
    page.get_by_role("link", name="درود").click()
    assert page.input_value("#answer [name=text]") == "سلام سارا عزیز، درست شد.؟"
    assert page.evaluate("document.activeElement.name") == "text"
    page.click("[value=answer]")
    page.get_by_text("سلام سارا عزیز، درست شد.؟").wait_for()

    assert Comment.objects.filter(ticket=ticket, side="staff").count() == 1
    assert OutboxMessage.objects.filter(member_id=sara.pk, kind="ticket_answer").count() == 1
    assert overflow(page) <= 0 and violations(page) == []
