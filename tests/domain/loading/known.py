from punchingfist.domain.resources.known_types import KnownTypes
from punchingfist.domain.resources.sinks import SlackConfig, StdoutConfig
from punchingfist.domain.resources.sources import WebhookConfig

KNOWN = KnownTypes(
    sources={"webhook": WebhookConfig},
    sinks={"slack": SlackConfig, "stdout": StdoutConfig},
    steps=frozenset({"cli", "agent"}),
    tools=frozenset({"kubectl", "promql"}),
)
