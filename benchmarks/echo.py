"""The baseline of ``serving.py``: what uvicorn and msgspec do with the same request when there is nothing to decide."""

from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Parse the body and send it back."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    answer = _ENCODER.encode(_DECODER.decode(body) if body else None)
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))],
        }
    )
    await send({"type": "http.response.body", "body": answer})
