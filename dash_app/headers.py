"""What every answer tells the browser to refuse."""

from __future__ import annotations

import base64
import hashlib
import re

__all__ = ["SAFE_HEADERS", "content_security_policy"]

#: Sent with every answer.
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)


def content_security_policy(html: str = "") -> str:
    """
    Return the policy of a document: nothing from elsewhere, and no script but its own.

    Parameters
    ----------
    html
        The document; the scripts that stand in it are allowed by their hash.
    """
    hashes = []
    for match in _SCRIPT.finditer(html):
        attributes = match["attributes"]
        if " src=" in attributes or "application/json" in attributes:
            continue
        digest = hashlib.sha256(match["body"].encode()).digest()
        hashes.append(f"'sha256-{base64.b64encode(digest).decode()}'")
    scripts = " ".join(["'self'", *hashes])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",  # components place themselves by style attributes
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",  # the map decodes in workers
            "manifest-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )
