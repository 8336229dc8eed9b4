"""How a link is handed over: by networks that take it in an address of theirs, and copied for those that don't."""

from dataclasses import dataclass
from urllib.parse import quote

from core.errors import Text
from crm.referrals.links import NETWORKS
from crm.referrals.selectors import link_of

# By network: the address of the service, and the icon of its button.
SHARED_BY = {
    "telegram": ("https://t.me/share/url?url={link}&text={text}", "send"),
    "whatsapp": ("https://wa.me/?text={text}%20{link}", "message-circle"),
    "sms": ("sms:?body={text}%20{link}", "message-square"),
}
COPIED_FOR = ("instagram", "rubika")


@dataclass(frozen=True)
class Share:
    """A way to hand a link over: the network with its name, the address to open or to copy, and an icon."""

    network: str
    name: Text
    address: str
    icon: str = ""


def shares_of(code: str, text: str) -> list[Share]:
    """The networks that take the link of the code with the text; each link says where it stood."""
    return [
        Share(
            network,
            NETWORKS[network],
            address.format(link=quote(link_of(code, network), safe=""), text=quote(text, safe="")),
            icon,
        )
        for network, (address, icon) in SHARED_BY.items()
    ]


def copies_of(code: str) -> list[Share]:
    """The links of the code to copy into networks that have no such address."""
    return [Share(network, NETWORKS[network], link_of(code, network)) for network in COPIED_FOR]
