"""What can be odd about a payload, by name."""

FLAGS: dict[str, str] = {
    "answers_ad": "The message answers an advertisement (it has a referral).",
    "edited": "The message replaces an earlier one: this is its new content.",
    "example_used": "A placeholder or a header's media was filled from the template's example, not by the sender.",
    "forwarded": "The message was forwarded.",
    "frequently_forwarded": "The message was forwarded many times.",
    "link_disguised": "A link was written so that a machine would overlook it, such as dhl[.]com.",
    "placeholder_unfilled": "A placeholder had neither a parameter nor an example and still stands in the text.",
    "platform_errors": "The message carries errors of the platform.",
    "platform_text": "A text is the platform's fixed wording for one-time codes, in English, not the sender's.",
    "revoked": "The message takes an earlier one back and has no content of its own.",
    "template_unresolved": "The send request's template is not stored: only its parameters' texts are known.",
    "text_withheld": "The text is not visible here, which is not the same as an empty text.",
    "truncated": "Something was longer than this program reads, and was cut.",
    "unknown_component": "A template has a component of a type that is not known here.",
    "unknown_type": "The message's type is missing or not known here.",
}
"""Every flag that :func:`torwart.payload.parse_message` can set, and what it says, in one sentence."""
