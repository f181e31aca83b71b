"""Caps that bound what one payload can cost. All are well above what the platform itself lets through."""

MAX_TEXT = 8_192
"""Characters kept of a header, body or footer; the platform allows 4,096."""

MAX_LABEL = 1_024
"""Characters kept of a short text: a button's label, a file name, a media id, a template's name."""

MAX_LINK = 2_048
"""Characters kept of one URL."""

MAX_LINKS = 32
"""URLs kept of one message."""

MAX_BUTTONS = 64
"""Buttons and list rows kept of one message; the platform allows 10 rows, or 2 buttons on each of 10 cards."""

MAX_MEDIA = 32
"""Media kept of one message."""

MAX_ITEMS = 64
"""Entries read of one array (components, parameters, cards, sections, rows, contacts)."""
