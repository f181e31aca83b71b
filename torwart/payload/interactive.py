"""Interactive messages: what a business sends (buttons, lists, flows, carousels) and what a person answers."""

from torwart.entities import JsonObject
from torwart.payload.draft import MEDIA_TYPES, Draft
from torwart.payload.fields import object_at, text_at

_REPLIES = ("button_reply", "list_reply", "nfm_reply", "call_permission_reply")


def read_interactive(draft: Draft, content: JsonObject, at: str) -> None:
    """Read ``{type, header, body, footer, action}``, or ``{type, button_reply | list_reply | nfm_reply}``."""
    _read_texts(draft, content, at)
    draft.footer = _text_under(content, "footer", at)
    action = object_at(content, "action", at)
    if action is not None:
        _read_action(draft, action, f"{at}/action")
        for card_at, card in draft.objects(action, "cards", f"{at}/action"):
            _read_texts(draft, card, card_at)
            if (card_action := object_at(card, "action", card_at)) is not None:
                _read_action(draft, card_action, f"{card_at}/action")
    for key in _REPLIES:
        if (reply := object_at(content, key, at)) is not None:
            draft.add_body(*(text_at(reply, part, f"{at}/{key}") for part in ("title", "description", "body")))


def _text_under(owner: JsonObject, key: str, at: str) -> str:
    inner = object_at(owner, key, at)
    return text_at(inner, "text", f"{at}/{key}") if inner is not None else ""


def _read_texts(draft: Draft, owner: JsonObject, at: str) -> None:
    """Read the header and the body of a message or of one card of a carousel."""
    if (header := object_at(owner, "header", at)) is not None:
        header_at = f"{at}/header"
        texts = [text_at(header, "text", header_at), text_at(header, "sub_text", header_at)]
        lines = "\n".join(text for text in texts if text)
        if draft.header or draft.body:
            draft.add_body(lines)
        else:
            draft.header = lines
        for key in header:
            if key in MEDIA_TYPES and (media := object_at(header, key, header_at)) is not None:
                draft.add_media(key, media, f"{header_at}/{key}")
    draft.add_body(_text_under(owner, "body", at))


def _read_action(draft: Draft, action: JsonObject, at: str) -> None:
    """Read what can be tapped: reply buttons, a list with its rows, or one button that opens something."""
    if label := text_at(action, "button", at):
        draft.add_button("LIST", label)
    for button_at, button in draft.objects(action, "buttons", at):
        _read_button(draft, button, button_at)
    for section_at, section in draft.objects(action, "sections", at):
        if title := text_at(section, "title", section_at):
            draft.add_button("SECTION", title)
        for row_at, row in draft.objects(section, "rows", section_at):
            texts = (text_at(row, "title", row_at), text_at(row, "description", row_at))
            draft.add_button("ROW", ": ".join(text for text in texts if text))
    name = text_at(action, "name", at)
    parameters = object_at(action, "parameters", at) or {}
    parameters_at = f"{at}/parameters"
    url = text_at(parameters, "url", parameters_at)
    if name or url:
        labels = (text_at(parameters, key, parameters_at) for key in ("display_text", "flow_cta", "button_text"))
        draft.add_button("URL" if url else name.upper(), next(filter(None, labels), ""), url)


def _read_button(draft: Draft, button: JsonObject, at: str) -> None:
    type_ = text_at(button, "type", at).lower()
    for key in ("reply", "quick_reply"):
        if (reply := object_at(button, key, at)) is not None:
            # The name that a template gives to the same thing.
            draft.add_button("QUICK_REPLY", text_at(reply, "title", f"{at}/{key}"))
            return
    label = text_at(button, "title", at) or text_at(button, "text", at)
    draft.add_button(type_.upper(), label, text_at(button, "url", at))
