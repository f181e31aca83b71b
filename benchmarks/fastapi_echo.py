"""A peer of ``serving.py``: the HTTP framework's own echo, with the request as a pydantic model."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel


class Sender(BaseModel):
    """Who sends."""

    id: str
    display_name: str | None = None
    verification_status: str | None = None
    website: str | None = None


class Consent(BaseModel):
    """What the recipient agreed to."""

    state: str
    source: str
    at: datetime | None = None


class Context(BaseModel):
    """What the caller knows."""

    consent: Consent | None = None


class Request(BaseModel):
    """A score request."""

    message_id: str
    sent_at: datetime
    sender: Sender
    recipient_id: str
    message: dict[str, Any]
    context: Context | None = None


app = FastAPI()


@app.post("/")
async def echo(request: Request) -> Request:
    """Send the request back."""
    return request
