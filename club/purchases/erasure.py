"""A member erased: nothing says any more who it was, and every sum of the club stays what it was. Never undone."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.otp import forget_codes_of
from accounts.services import forget_logins
from club.gift_cards.changing import forget_cards
from club.ledger.book import lock_book
from club.ledger.ending import end_all
from club.members.erasing import blank_records, known_elsewhere
from club.members.models import Member
from club.members.selectors import get_member, records_of
from club.purchases.holding import hold_purchases
from club.rewards.vouchers import end_vouchers
from club.tiers.changing import end_graces
from core import audit, events
from core.errors import Conflict, ValidationFailed
from core.forgetting import forget_person
from core.tenancy.scope import current_club_id
from sms.forgetting import forget_messages


@transaction.atomic(durable=True)
def erase_member(member_id: int, *, actor: str, reason: str, now: datetime) -> None:
    """Take everything out that says who the member was, in all records that were merged into this one too.

    Gone are name, phone, e-mail, birthday, tags, custom fields, cards, texts and addresses of messages, and the same
    in audit, events, stored answers and the facts of purchases; and the login, where no other club knows the phone.
    Purchases, ledger and figures stay; what value is left ends with a row of its own. Raises NotFound,
    ValidationFailed (reason), Conflict where it was done or merged before.
    """
    if not 0 < len(reason.strip()) <= 200:
        raise ValidationFailed({"reason": [_("دلیل را بنویسید؛ تا ۲۰۰ نویسه.")]})
    get_member(member_id)
    hold_purchases([member_id], lambda: lock_book(member_id))
    end_all(member_id, document=f"erase:{member_id}", at=now, actor=actor)
    # After the wallets, which a purchase and a merge take too: nothing more comes in.
    if get_member(member_id).status == Member.Status.ERASED:
        raise Conflict(_("این عضو پیش‌تر پاک یا با عضو دیگری یکی شده است."))
    record_ids = records_of(member_id)
    phones = blank_records(record_ids)
    end_vouchers(record_ids, at=now)
    end_graces(record_ids, at=now)
    forget_cards(record_ids)
    forget_messages(member_ids=record_ids, phones=phones)
    forget_codes_of(phones)
    forget_logins(set(phones) - known_elsewhere(phones))
    _forget_facts(record_ids)
    forget_person(targets=[f"member:{record}" for record in record_ids], member_ids=record_ids, phones=phones)
    audit.record("member.erase", actor=actor, target=f"member:{member_id}", before={}, after={"reason": reason.strip()})
    events.emit("member.erased", document=f"member:{member_id}", member_id=member_id, occurred_at=now)


def _forget_facts(member_ids: list[int]) -> None:
    """What the purchases were judged by and says who bought; what was decided stays with them.

    A stored answer says it too, of each offer that missed: whose tag, age or own field was another than asked for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE core_idempotencykey SET answer = (answer::jsonb || '{"considered": []}')::text
            WHERE club_id = %s AND answer LIKE '{%%"considered":[{%%' AND answer LIKE ANY(%s)""",
            [current_club_id(), [f'%"member":{member_id},%' for member_id in member_ids]],
        )
        cursor.execute(
            "UPDATE purchases_purchase SET "
            "facts = facts - ARRAY['birth_date', 'gender', 'tags', 'segments', 'custom'], "
            "updated_at = now() WHERE club_id = %s AND member_id = ANY(%s)",
            [current_club_id(), member_ids],
        )
