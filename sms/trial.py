"""Whether an account works: the provider is asked before anything is sent over it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sms.account import Account
from sms.gateways.base import Gateway, GatewayError, Permanent, ProviderDisabled, Retryable
from sms.provider_codes import explain

NOT_YOURS = "412"
SILENT = _("کاوه‌نگار پاسخ نداد و این حساب آزموده نشد؛ چیزی ثبت نشده است.")


@dataclass(frozen=True)
class Refusal:
    """What is wrong with an account: the field it is about, and the provider's number in words.

    `may_go_on` where that is not sure: nobody answered, or a line that many share is not told as the account's own.
    """

    field: str
    code: str
    text: str | Promise
    may_go_on: bool = False


def is_worth_a_trial(now: Account, then: Account) -> bool:
    """Whether the account would be another one, or was stopped; one that sends nothing is not tried."""
    return then.can_send and (bool(now.stopped_code) or _over(now) != _over(then))


def try_account(tried: Account) -> Refusal | None:
    """What the provider says against this account and its lines; None when it takes them. Nothing is sent.

    Not to be called inside a transaction: the provider is waited for.
    """
    try:
        gateway = tried.gateway()
        gateway.balance()
        return _try_lines(gateway, tried)
    except Retryable as trouble:
        return Refusal("", trouble.code, SILENT, may_go_on=True)
    except GatewayError as refused:
        return Refusal("api_key", refused.code, explain(refused.code))


def _try_lines(gateway: Gateway, tried: Account) -> Refusal | None:
    """A line that is not the account's; what else is said against the question says nothing about sending."""
    for field, line in {"sender_line": tried.line, "advertising_line": tried.advertising_line}.items():
        try:
            if line:
                gateway.check_line(line)
        except (Permanent, ProviderDisabled) as refused:
            if refused.code == NOT_YOURS:
                return Refusal(field, refused.code, explain(refused.code), may_go_on=True)
    return None


def _over(account: Account) -> tuple[str, ...]:
    return (
        account.gateway_name,
        account.api_key.sealed if account.is_own else "",
        account.line,
        account.advertising_line,
    )
