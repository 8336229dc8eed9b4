"""The methods that send: sms/send, sms/sendarray, verify/lookup, call/maketts, with the documented limits."""

import re
from typing import Any

from sms.emulator import wire
from sms.emulator.asking import SEND_LIMIT, Call, json_list, method, words
from sms.emulator.book import Message, cost_of, line_of, receptor_of
from sms.emulator.wire import Refused

PAST_TOLERANCE = 60
TAG = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
LINK = re.compile(r"https?://|www\.")


@method("sms/send")
def send(call: Call) -> Any:
    """One text to up to 200 numbers."""
    phones = [receptor_of(text) for text in words(call.need("receptor"), SEND_LIMIT)]
    text = _text(call, call.need("message"))
    localids = _localids(call, "localid", len(phones))
    sender = _sender(call, call.get("sender"))
    wanted = [(phone, text, sender, localid) for phone, localid in zip(phones, localids, strict=True)]
    return [message.entry() for message in _send(call, wanted)]


@method("sms/sendarray", verbs="POST")
def send_array(call: Call) -> Any:
    """Up to 200 texts, each to its number from its line; answered in another order than asked."""
    receptors, senders, texts = (json_list(call.need(name)) for name in ("receptor", "sender", "message"))
    if not len(receptors) == len(senders) == len(texts):
        raise Refused(419)
    if len(receptors) > SEND_LIMIT:
        raise Refused(414)
    localids = _localids(call, "localmessageids", len(receptors))
    wanted = [
        (receptor_of(str(phone)), _text(call, text), _sender(call, sender), localid)
        for phone, text, sender, localid in zip(receptors, texts, senders, localids, strict=True)
    ]
    sent = _send(call, wanted)
    return [message.entry() for message in reversed(sent)]


@method("verify/lookup")
def lookup(call: Call) -> Any:
    """A code by an approved template: no sender, and no block of advertising in its way."""
    if not call.account.advanced:
        raise Refused(426)
    phone = receptor_of(call.need("receptor"))
    template = call.book.templates.get(call.need("template").lower())
    if template is None or not template.approved:
        raise Refused(424)
    if "%token" not in template.text:
        raise Refused(432)
    tokens = {name: call.get(name) for name in ("token", "token2", "token3", "token10", "token20")}
    _check_tokens(call, tokens)
    text = re.sub(r"%(token(?:10|20|2|3)?)(?![0-9])", lambda found: tokens[found[1]], template.text)
    [message] = _send(call, [(phone, text, call.account.default_line, None)], kind="lookup")
    return [{**message.entry(), "status": wire.HANDED_OVER_LOOKUP, "statustext": wire.STATES[5]}]


@method("call/maketts")
def make_call(call: Call) -> Any:
    """Read a text out to up to 200 numbers."""
    phones = [receptor_of(text) for text in words(call.need("receptor"), SEND_LIMIT)]
    text = _text(call, call.need("message"))
    localids = _localids(call, "localid", len(phones))
    wanted = [
        (phone, text, call.account.default_line, localid) for phone, localid in zip(phones, localids, strict=True)
    ]
    return [message.entry() for message in _send(call, wanted, kind="call")]


def _send(call: Call, wanted: list[tuple[str, str, str, int | None]], *, kind: str = "sms") -> list[Message]:
    """Take the messages, or give the stored ones back for localids that were seen; 418 for all when money is short."""
    book, account = call.book, call.account
    leaves_at = _send_date(call)
    if account.owner_only and any(phone != account.owner_only for phone, *_ in wanted):
        raise Refused(501)
    known = [book.known_localid(account.key, localid) for *_, localid in wanted]
    prices = [cost_of(text, book.pace) for _, text, _, _ in wanted]
    price = sum(cost for (_, cost), found in zip(prices, known, strict=True) if found is None)
    if price > account.credit:
        raise Refused(418)
    taken = []
    for (phone, text, sender, localid), (count, cost) in zip(wanted, prices, strict=True):
        found = book.known_localid(account.key, localid)  # again: a localid may stand twice in one call
        taken.append(
            found
            or book.add_message(
                Message(
                    messageid=book.next_id(),
                    key=account.key,
                    sender=sender,
                    receptor=phone,
                    message=text,
                    date=leaves_at,
                    cost=cost,
                    parts=count,
                    status=wire.QUEUED,
                    kind=kind,
                    localid=localid,
                    tag=call.get("tag"),
                )
            )
        )
    book.settle()
    return taken


def _text(call: Call, text: Any) -> str:
    if not isinstance(text, str) or not text.strip() or len(text) > call.book.pace.max_length:
        raise Refused(413)
    if call.account.links_refused and LINK.search(text):
        raise Refused(420)
    return text


def _sender(call: Call, sender: Any) -> str:
    line = line_of(str(sender)) or call.account.default_line
    if line not in call.account.lines:
        raise Refused(412)
    return line


def _send_date(call: Call) -> float:
    now = call.book.now()
    tag = call.get("tag")
    if tag and (TAG.fullmatch(tag) is None or tag not in call.account.tags):
        raise Refused(607)
    date = call.number("date", 0)
    if date and date < now - PAST_TOLERANCE:
        raise Refused(417)
    return max(float(date), now)


def _localids(call: Call, name: str, count: int) -> list[int | None]:
    """Our numbers: a JSON list or a comma list, as many as there are receptors; 419 otherwise."""
    if name not in call.params:
        return [None] * count
    text = call.params[name].strip()
    words = json_list(text) if text.startswith("[") else text.split(",")
    if len(words) != count or not all(re.fullmatch(r"[0-9]{1,19}", str(word), re.ASCII) for word in words):
        raise Refused(419)
    return [int(word) for word in words]


def _check_tokens(call: Call, tokens: dict[str, str]) -> None:
    if not tokens["token"]:
        raise Refused(406 if "token" in call.params else 400)
    limits = {"token": 0, "token2": 0, "token3": 0, "token10": 5, "token20": 8}
    for name, spaces in limits.items():
        token = tokens[name]
        if len(token) > 100 or token.count(" ") > spaces or re.search(r"[\n\r_]", token):
            raise Refused(431)
    if call.get("type") == "call" and not tokens["token"].isdigit():
        raise Refused(428)
