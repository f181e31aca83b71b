"""A message while it is being read."""

from collections.abc import Iterator

from torwart.entities import Button, JsonObject, Media, Message, TemplateRef
from torwart.payload.fields import array_at, identifier_at, object_from, text_at
from torwart.payload.limits import MAX_BUTTONS, MAX_ITEMS, MAX_LABEL, MAX_LINK, MAX_LINKS, MAX_MEDIA, MAX_TEXT
from torwart.payload.links import find_links

MEDIA_TYPES = frozenset({"image", "video", "audio", "voice", "document", "sticker", "gif"})
"""Kinds of media, lower case, which are also the keys that hold them."""


class Draft:
    """Collects what the wire says and keeps it within the limits."""

    __slots__ = ("body", "buttons", "flags", "footer", "header", "links", "media", "template", "type", "withheld")

    def __init__(self, type: str) -> None:
        self.type = type
        self.header = ""
        self.body = ""
        self.footer = ""
        self.buttons: list[Button] = []
        self.links: list[str] = []
        self.media: list[Media] = []
        self.template: TemplateRef | None = None
        self.withheld = False
        self.flags: list[str] = []

    def flag(self, name: str) -> None:
        """Note something odd, once."""
        if name not in self.flags:
            self.flags.append(name)

    def clip(self, text: str, limit: int = MAX_LABEL) -> str:
        """Cut ``text`` to ``limit`` characters."""
        if len(text) <= limit:
            return text
        self.flag("truncated")
        return text[:limit]

    def add_body(self, *texts: str) -> None:
        """Add lines to the body; empty ones are left out."""
        for text in texts:
            if text and len(self.body) < MAX_TEXT:
                self.body = self.clip(f"{self.body}\n{text}" if self.body else text, MAX_TEXT)

    def add_button(self, type: str, text: str = "", url: str = "", phone_number: str = "") -> None:
        """Add a button, or a row of a list."""
        if len(self.buttons) == MAX_BUTTONS:
            self.flag("truncated")
            return
        self.buttons.append(
            Button(self.clip(type), self.clip(text), self.clip(url, MAX_LINK), self.clip(phone_number))
            if phone_number
            else Button(self.clip(type), self.clip(text), self.clip(url, MAX_LINK))
        )

    def add_media(self, type: str, content: JsonObject, at: str) -> None:
        """Add what ``content`` refers to: ``{id | link, sha256, mime_type, filename}``."""
        handle = text_at(content, "sha256", at) or identifier_at(content, "id", at) or text_at(content, "link", at)
        self.add_handle(type, handle, text_at(content, "mime_type", at), text_at(content, "filename", at))

    def add_handle(self, type: str, handle: str, mime_type: str = "", filename: str = "") -> None:
        """Add media by what identifies it."""
        if len(self.media) == MAX_MEDIA:
            self.flag("truncated")
            return
        self.media.append(Media(type, self.clip(handle, MAX_LINK), self.clip(mime_type), self.clip(filename)))

    def objects(self, owner: JsonObject, key: str, at: str) -> Iterator[tuple[str, JsonObject]]:
        """Yield the objects in the array under ``key`` with their pointers, ``MAX_ITEMS`` at most, without nulls."""
        items = array_at(owner, key, at)
        if len(items) > MAX_ITEMS:
            self.flag("truncated")
            items = items[:MAX_ITEMS]
        for index, item in enumerate(items):
            if item is not None:
                pointer = f"{at}/{key}/{index}"
                yield pointer, object_from(item, pointer)

    def finish(self) -> Message:
        """Return the message, with the links of its texts and buttons."""
        header = self.clip(self.header, MAX_TEXT)
        body = self.clip(self.body, MAX_TEXT)
        footer = self.clip(self.footer, MAX_TEXT)
        links = self._all_links(header, body, footer)
        if self.withheld:
            self.flag("text_withheld")
        return Message(
            type=self.clip(self.type),
            header=header,
            body=body,
            footer=footer,
            buttons=tuple(self.buttons),
            links=links,
            media=tuple(self.media),
            template=self.template,
            text_withheld=self.withheld,
            flags=tuple(self.flags),
        )

    def _all_links(self, *texts: str) -> tuple[str, ...]:
        """Links of the texts, then of the buttons; a text full of links cannot push the buttons' out."""
        others = {button.url: None for button in self.buttons if button.url}
        for link in self.links:
            if link:
                others[self.clip(link, MAX_LINK)] = None
        room = MAX_LINKS - min(len(others), MAX_LINKS // 2)
        found, disguised = find_links(texts, room + 1)
        if not found and not others:
            return ()
        if disguised:
            self.flag("link_disguised")
        links = tuple(dict.fromkeys((*found[:room], *others)))
        if len(found) > room or len(links) > MAX_LINKS:
            self.flag("truncated")
        return links[:MAX_LINKS]
