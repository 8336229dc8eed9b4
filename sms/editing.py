"""What a club changes about its SMS: the words of a kind, whether it is sent, the account; audited before and after."""

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core import audit
from core.errors import ValidationFailed
from core.secrets import Secret
from core.text import persian_letters
from sms import recording
from sms.account import Account, account_of
from sms.kinds import Kind
from sms.models import SmsSettings, SmsTemplate
from sms.wording import default_text

ACCOUNT_FIELDS = (
    *("gateway", "sender_line", "is_service_line", "advertising_line", "otp_template", "window_from", "window_to"),
)
HIDDEN = "••••••"
OF_THE_PROVIDERS = {
    "gateway": "",
    "sender_line": "",
    "is_service_line": False,
    "advertising_line": "",
    "otp_template": "",
}
"""What says nothing once the account is another one: lines and templates are the provider's account's."""


@transaction.atomic
def set_words(kind: Kind, *, text: str, enabled: bool, actor: str) -> SmsTemplate:
    """Send this kind with these words from now on, or not at all. Raises ValidationFailed by field."""
    found = SmsTemplate.objects.select_for_update().filter(kind=kind.code).first()
    before = _words(found) if found else {"text": default_text(kind), "enabled": kind.begins_on}
    template: SmsTemplate = found or SmsTemplate(kind=kind.code, message_class=kind.message_class)
    template.text, template.enabled = persian_letters(text.replace("\r\n", "\n")).strip(), enabled
    _check(template, ["text", "enabled", "kind"])
    template.save()
    target = f"smstemplate:{template.pk}"
    audit.record("smstemplate.update", actor=actor, target=target, before=before, after=_words(template))
    return template


@transaction.atomic
def back_to_default(kind: Kind, *, actor: str) -> None:
    """Send this kind with the words it began with. Nothing happens where it has no others."""
    template = SmsTemplate.objects.select_for_update().filter(kind=kind.code).first()
    if template is None:
        return
    target, default = f"smstemplate:{template.pk}", {"text": default_text(kind), "enabled": kind.begins_on}
    audit.record("smstemplate.default", actor=actor, target=target, before=_words(template), after=default)
    template.delete()


def account_with(chosen: SmsSettings, values: dict[str, Any], *, api_key: Secret | str | None) -> Account:
    """What the account would be if these settings were saved; nothing is. Raises ValidationFailed by field."""
    tried = copy(chosen)
    for name, value in values.items():
        setattr(tried, name, value)
    if api_key is not None:
        tried.api_key = api_key
    _check(tried, ACCOUNT_FIELDS)
    return account_of(tried)


def back_to_shared_account(values: dict[str, Any], *, actor: str) -> SmsSettings:
    """Send over the installation's account from now on: the club's own key, lines and template are taken away."""
    return change_account({**values, **OF_THE_PROVIDERS}, api_key="", actor=actor)


@transaction.atomic
def change_account(values: dict[str, Any], *, api_key: Secret | str | None, actor: str) -> SmsSettings:
    """Change the named settings; a key of None stays, an empty one is taken away. What had stopped is tried anew.

    The audit says that the key changed, never what it is. Raises ValidationFailed by field.
    """
    SmsSettings.objects.get_or_create()
    chosen = SmsSettings.objects.select_for_update().get()
    before = _account(chosen, values, api_key)
    for name, value in values.items():
        if name not in ACCOUNT_FIELDS:
            raise KeyError(name)
        setattr(chosen, name, value)
    if api_key is not None:
        chosen.api_key = api_key
    _check(chosen, ACCOUNT_FIELDS)
    chosen.save()
    recording.go_on_with_credit(now=timezone.now())
    after = _account(chosen, values, api_key)
    if api_key:
        after["api_key"] = f"{HIDDEN} +"
    audit.record("smssettings.update", actor=actor, target=f"smssettings:{chosen.pk}", before=before, after=after)
    return SmsSettings.objects.get()


def _words(template: SmsTemplate) -> dict[str, Any]:
    return {"text": template.text, "enabled": template.enabled}


def _account(chosen: SmsSettings, values: dict[str, Any], api_key: Secret | str | None) -> dict[str, Any]:
    said = {name: value if isinstance(value := getattr(chosen, name), str | bool) else str(value) for name in values}
    return said if api_key is None else {**said, "api_key": HIDDEN if chosen.api_key else ""}


def _check(row: SmsTemplate | SmsSettings, fields: Iterable[str]) -> None:
    kept = set(fields)
    exclude = {field.name for field in row._meta.fields} - kept
    try:
        row.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as refused:
        raise ValidationFailed({name: list(texts) for name, texts in refused.message_dict.items()}) from refused
