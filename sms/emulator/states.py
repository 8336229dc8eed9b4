"""The methods that tell what became of messages."""

from typing import Any

from sms.emulator import wire
from sms.emulator.asking import ASK_LIMIT, Call, method, own_message, own_messages, span, words
from sms.emulator.book import LOCALID_KNOWN, STATUS_KNOWN, Message, receptor_of


@method("sms/status")
def status(call: Call) -> Any:
    """States by the service's numbers, of the last 48 hours."""
    return [_state(call, word) for word in words(call.need("messageid"), ASK_LIMIT)]


@method("sms/statuslocalmessageid")
def status_by_localid(call: Call) -> Any:
    """States by our numbers, of the last 12 hours."""
    answer = []
    for word in words(call.need("localid"), ASK_LIMIT):
        localid = int(word) if word.isascii() and word.isdigit() else None
        message = call.book.known_localid(call.account.key, localid)
        if message is None or call.book.now() - message.date > LOCALID_KNOWN:
            answer.append({"messageid": 0, "localid": word} | _invalid())
        else:
            answer.append({"messageid": message.messageid, "localid": word} | _known(message))
    return answer


@method("sms/statusbyreceptor")
def status_by_receptor(call: Call) -> Any:
    """States of all messages to one number within a day."""
    phone = receptor_of(call.need("receptor"))
    start, end = span(call, days=1)
    return [
        {"messageid": message.messageid, "receptor": message.receptor} | _known(message)
        for message in own_messages(call)
        if message.receptor == phone and start <= message.date <= end
    ]


@method("sms/cancel")
def cancel(call: Call) -> Any:
    """Call scheduled messages back; others stay as they are."""
    asked = words(call.need("messageid"), ASK_LIMIT)
    for word in asked:
        message = own_message(call, word)
        if message and message.status == wire.SCHEDULED:
            message.forced = wire.CANCELLED
            call.book.move(message, wire.CANCELLED)
    return [_state(call, word) for word in asked]


def _state(call: Call, word: str) -> dict[str, Any]:
    message = own_message(call, word)
    messageid = int(word) if word.isascii() and word.isdigit() else 0
    if message is None or call.book.now() - message.date > STATUS_KNOWN:
        return {"messageid": messageid} | _invalid()
    return {"messageid": messageid} | _known(message)


def _known(message: Message) -> dict[str, Any]:
    return {"status": message.status, "statustext": wire.STATES[message.status]}


def _invalid() -> dict[str, Any]:
    return {"status": wire.INVALID, "statustext": wire.STATES[wire.INVALID]}
