"""The wire format of the WhatsApp Cloud API, read into :class:`torwart.entities.Message`.

Three shapes are read, and told apart by what they contain: a template's definition (with or without its
``{"type": "template"}`` wrapper), a send request, and a webhook's message; an envelope with one message will do too.
What is unknown is skipped and flagged, what is missing is missing; only a known field of the wrong JSON type is an
error.
"""

from torwart.payload.envelope import messages_in
from torwart.payload.fields import PayloadError
from torwart.payload.flags import FLAGS
from torwart.payload.limits import MAX_BUTTONS, MAX_ITEMS, MAX_LABEL, MAX_LINK, MAX_LINKS, MAX_MEDIA, MAX_TEXT
from torwart.payload.message import parse_message
from torwart.payload.template import TemplateLookup

__all__ = [
    "FLAGS",
    "MAX_BUTTONS",
    "MAX_ITEMS",
    "MAX_LABEL",
    "MAX_LINK",
    "MAX_LINKS",
    "MAX_MEDIA",
    "MAX_TEXT",
    "PayloadError",
    "TemplateLookup",
    "messages_in",
    "parse_message",
]
