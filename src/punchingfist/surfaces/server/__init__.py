"""The HTTP API, the webhooks and the health of the server."""
