"""The online program: HTTP API, durable log, everything that touches the outside."""
