"""A certificate that nobody trusts, for servers that are measured over TLS."""

from __future__ import annotations

import ssl

import trustme


def server_context() -> ssl.SSLContext:
    """Return a server's context with a certificate of its own, made now."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return context
