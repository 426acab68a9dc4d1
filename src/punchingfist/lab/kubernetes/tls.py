"""A certificate authority of our own, and the kubeconfig that trusts it."""

import base64
import ssl

import trustme
import yaml

from punchingfist.lab.kubernetes.objects import Manifest


class Authority:
    """One certificate authority with a certificate for the loopback address."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="Punching Fist practice cluster")
        self._certificate = self._authority.issue_cert("127.0.0.1", "localhost")

    @property
    def pem(self) -> bytes:
        """The authority's own certificate, which clients must trust."""
        return self._authority.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """Return the context a server listens with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context


def render_kubeconfig(
    *, url: str, authority: bytes, token: str, context: str, namespace: str
) -> str:
    """Return a kubeconfig with one context, its authority and token within."""
    config: Manifest = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": context,
                "cluster": {
                    "server": url,
                    "certificate-authority-data": base64.b64encode(authority).decode(),
                },
            }
        ],
        "users": [{"name": context, "user": {"token": token}}],
        "contexts": [
            {
                "name": context,
                "context": {"cluster": context, "user": context, "namespace": namespace},
            }
        ],
        "current-context": context,
    }
    return yaml.safe_dump(config, sort_keys=False)
