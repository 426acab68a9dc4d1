"""Look at a Kubernetes cluster with kubectl's own commands, the reading ones only."""

import asyncio
from collections.abc import Mapping, Sequence

from punchingfist.domain.guardrails.kubectl_commands import KubectlCommand, parse_kubectl
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.json import Json, JsonObject
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.operations.kubectl.answers import Answer, judge
from punchingfist.operations.kubectl.api import run_over_api, why_not_over_api
from punchingfist.operations.kubectl.binary import run_binary
from punchingfist.ports.cluster import Cluster
from punchingfist.ports.tool import Plan, ToolOutput, ToolSpec, ToolType
from punchingfist.ports.world import World

_NO_CLUSTER = "no cluster is configured; set KUBECONFIG or give --kubeconfig"
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "command": {
            "type": "string",
            "description": "one kubectl command, for instance `get pods -n shop -o wide`; "
            "no pipes and no shell",
        },
        "args": {
            "type": "array",
            "items": {"type": "string"},
            "description": "the same as separate words, which are never split",
        },
    },
    "oneOf": [{"required": ["command"]}, {"required": ["args"]}],
    "additionalProperties": False,
}


class Kubectl:
    """Reads over the API, or with the kubectl binary where the world has one."""

    def __init__(self, spec: ToolSpec, world: World) -> None:
        self._world = world

    def plan(self, arguments: Mapping[str, Json]) -> Plan:
        """Parse the command; nothing is sent."""
        command = self._parse(arguments)
        return Plan(str(command), command.risk, command.namespace)

    async def run(
        self, arguments: Mapping[str, Json], *, timeout_seconds: float, limit_bytes: int
    ) -> ToolOutput:
        """Run what `plan` accepted, when the cluster's turn has come."""
        command, cluster = self._parse(arguments), self._world.cluster
        if cluster is None:
            return ToolOutput(Outcome.FAILED, "", gap=_NO_CLUSTER)
        await cluster.turn()
        try:
            answer = await self._answer(command, cluster, timeout_seconds, limit_bytes)
        except TimeoutError:
            gap = f"{command} gave no answer within {timeout_seconds:g} s from {cluster.server}"
            return ToolOutput(Outcome.TIMED_OUT, "", gap=gap)
        except Unavailable as error:
            return ToolOutput(Outcome.FAILED, "", gap=str(error))
        return judge(command, answer, cluster=cluster, limit_bytes=limit_bytes)

    async def _answer(
        self, command: KubectlCommand, cluster: Cluster, timeout_seconds: float, limit_bytes: int
    ) -> Answer:
        if self._world.kubectl is not None and self._world.processes is not None:
            return await run_binary(
                self._world.kubectl,
                self._world.processes,
                command,
                cluster,
                timeout_seconds=timeout_seconds,
                limit_bytes=limit_bytes,
            )
        now = self._world.clock.now()
        async with asyncio.timeout(timeout_seconds):
            # A request may take as long as the whole: it is the whole that must end in time.
            longer = timeout_seconds + 1
            return await run_over_api(command, cluster, now=now, timeout_seconds=longer)

    def _parse(self, arguments: Mapping[str, Json]) -> KubectlCommand:
        cluster = self._world.cluster
        has_binary = self._world.kubectl is not None and self._world.processes is not None
        command = parse_kubectl(
            _line(arguments), default_namespace=cluster.namespace if cluster else "default"
        )
        if not has_binary and (why_not := why_not_over_api(command)):
            raise InvalidInput(f"kubectl {command.verb}: {why_not}")
        return command


def _line(arguments: Mapping[str, Json]) -> str | Sequence[str]:
    match dict(arguments):
        case {"command": str(line), **rest} if not rest:
            return line
        case {"args": [*words], **rest} if not rest and all(isinstance(w, str) for w in words):
            return [str(word) for word in words]
    raise InvalidInput(
        "kubectl: the arguments are either 'command', one line, or 'args', a list of words",
        field="command",
    )


TOOL = ToolType(
    "kubectl",
    "Look at the Kubernetes cluster: get, describe, logs, top, events, rollout status and "
    "history, auth can-i. Reading only; secrets are never shown.",
    _SCHEMA,
    Kubectl,
)
