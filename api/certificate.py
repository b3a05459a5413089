"""The service's own TLS certificate, where no proxy in front ends TLS."""

from __future__ import annotations

import ssl

from api.errors import StartError
from api.settings import Settings


def check_certificate(settings: Settings) -> None:
    """The certificate and its key can be read, and belong together.

    Raises:
        StartError: they cannot, or do not.
    """
    if settings.certificate is None or settings.certificate_key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.certificate, settings.certificate_key, password=""
        )
    except (OSError, ValueError) as error:  # of which ssl.SSLError is one
        raise StartError(
            "the TLS certificate and its key cannot be used",
            hint="Give both as PEM files that this user may read, of one key pair, the key without a passphrase.",
        ) from error
