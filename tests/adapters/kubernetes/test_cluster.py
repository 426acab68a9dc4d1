"""Our own client on a practice cluster, over TLS."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from punchingfist.adapters.kubernetes.cluster import RestCluster, load_cluster
from punchingfist.adapters.kubernetes.kubeconfig import Access, find_access
from punchingfist.errors import InvalidInput, Unavailable
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.kubernetes.faults import Fault
from punchingfist.lab.scenario import load_scenario

PODS = "/api/v1/namespaces/default/pods"


class PresentClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeCluster]:
    scenario = load_scenario("crash-loop-memory")
    with PracticeCluster(scenario, clock=PresentClock(), directory=tmp_path) as cluster:
        yield cluster


@pytest.fixture
async def cluster(practice: PracticeCluster) -> AsyncIterator[RestCluster]:
    loaded = load_cluster(str(practice.kubeconfig), None, environ={})
    yield loaded
    await loaded.aclose()


def with_user(practice: PracticeCluster, user: Mapping[str, Any], **server: Any) -> str:
    document = yaml.safe_load(practice.kubeconfig.read_text())
    document["users"][0]["user"] = dict(user)
    document["clusters"][0]["cluster"].update(server)
    practice.kubeconfig.write_text(yaml.safe_dump(document))
    return str(practice.kubeconfig)


async def status_of(kubeconfig: str, environ: Mapping[str, str]) -> int:
    cluster = load_cluster(kubeconfig, None, environ=environ)
    try:
        return (await cluster.request("GET", PODS)).status
    finally:
        await cluster.aclose()


def plugin(folder: Path, text: str) -> dict[str, Any]:
    program = folder / "login"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"command": str(program), "apiVersion": version}}


def prints(token: str, **status: str) -> str:
    return f"echo '{json.dumps({'status': {'token': token, **status}})}'"


async def test_a_request_is_let_in_over_verified_tls(cluster: RestCluster) -> None:
    reply = await cluster.request("GET", PODS, params={"limit": "1"})

    assert reply.status == 200
    assert json.loads(reply.body)["kind"] == "PodList"
    assert reply.content_type == "application/json"


async def test_a_refusal_is_a_reply(cluster: RestCluster) -> None:
    assert (await cluster.request("GET", f"{PODS}/nobody")).status == 404


async def test_a_body_is_cut_at_the_limit(cluster: RestCluster) -> None:
    reply = await cluster.request("GET", "/api/v1/pods", limit_bytes=10)

    assert (len(reply.body), reply.truncated) == (10, True)


async def test_an_unreachable_server_is_named_with_its_context(
    cluster: RestCluster, practice: PracticeCluster
) -> None:
    practice.stop()

    with pytest.raises(Unavailable) as raised:
        await cluster.request("GET", PODS)
    assert f"cluster 'practice' at {cluster.server} cannot be reached" in str(raised.value)


async def test_a_server_that_does_not_answer_is_given_up(
    cluster: RestCluster, practice: PracticeCluster
) -> None:
    practice.faults.add(Fault(delay_seconds=30))

    with pytest.raises(Unavailable, match=r"no answer within 0\.2 s"):
        await cluster.request("GET", PODS, timeout_seconds=0.2)


async def test_a_strangers_certificate_is_not_trusted(practice: PracticeCluster) -> None:
    document = yaml.safe_load(practice.kubeconfig.read_text())
    del document["clusters"][0]["cluster"]["certificate-authority-data"]
    practice.kubeconfig.write_text(yaml.safe_dump(document))

    with pytest.raises(Unavailable, match=r"(?i)certificate verify failed|self.signed"):
        await status_of(str(practice.kubeconfig), {})


async def test_a_broken_authority_is_the_files_mistake(practice: PracticeCluster) -> None:
    access = find_access(str(practice.kubeconfig), None, environ={})
    broken = Access("x", access.server, "default", "/the/file", authority="not PEM")

    with pytest.raises(InvalidInput, match="its certificates are not usable"):
        await RestCluster(broken, environ={}).request("GET", PODS)


async def test_a_token_file_is_read_again_for_each_request(
    practice: PracticeCluster, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    cluster = load_cluster(with_user(practice, {"tokenFile": "token"}), None, environ={})
    before = (await cluster.request("GET", PODS)).status
    token.write_text(f"{practice.token}\n")
    after = (await cluster.request("GET", PODS)).status
    await cluster.aclose()

    assert (before, after) == (401, 200)


async def test_an_exec_plugin_prints_the_token(practice: PracticeCluster, tmp_path: Path) -> None:
    text = f'test -n "$KUBERNETES_EXEC_INFO" && test "$A" = b && {prints(practice.token)}'
    user = plugin(tmp_path, text)

    assert await status_of(with_user(practice, user), {"A": "b"}) == 200


async def test_a_printed_token_is_kept_until_it_is_refused(
    practice: PracticeCluster, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("old")
    user = plugin(tmp_path, f"echo x >> {tmp_path}/runs; . {tmp_path}/answer")
    (tmp_path / "answer").write_text(prints(practice.token))
    cluster = load_cluster(with_user(practice, user), None, environ={"PATH": "/usr/bin:/bin"})
    for _ in range(3):
        await cluster.request("GET", PODS)
    kept = (tmp_path / "runs").read_text()
    practice.faults.add(Fault(status=401, reason="Unauthorized", times=1))
    renewed = await cluster.request("GET", PODS)
    await cluster.aclose()

    assert kept == "x\n"
    assert renewed.status == 200
    assert (tmp_path / "runs").read_text() == "x\nx\n"


async def test_an_expired_printed_token_is_renewed(
    practice: PracticeCluster, tmp_path: Path
) -> None:
    expired = prints(practice.token, expirationTimestamp="2020-01-01T00:00:00Z")
    user = plugin(tmp_path, f"echo x >> {tmp_path}/runs; {expired}")
    cluster = load_cluster(with_user(practice, user), None, environ={})
    for _ in range(2):
        await cluster.request("GET", PODS)
    await cluster.aclose()

    assert (tmp_path / "runs").read_text() == "x\nx\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo expired session >&2; exit 3", "ended with 3: expired session"),
        ("echo hello", "printed no ExecCredential"),
        ("echo '{\"status\":{}}'", "printed no ExecCredential"),
    ],
)
async def test_a_plugin_that_fails_says_how(
    practice: PracticeCluster, tmp_path: Path, text: str, said: str
) -> None:
    kubeconfig = with_user(practice, plugin(tmp_path, text))

    with pytest.raises(Unavailable, match=said):
        await status_of(kubeconfig, {})


async def test_a_missing_plugin_says_so(practice: PracticeCluster) -> None:
    kubeconfig = with_user(practice, {"exec": {"command": "no-such-login"}})

    with pytest.raises(Unavailable, match=r"'no-such-login': No such file.*; install it"):
        await status_of(kubeconfig, {})


async def test_one_cluster_serves_several_loops(cluster: RestCluster) -> None:
    statuses: list[int] = []

    async def ask() -> None:
        statuses.append((await cluster.request("GET", PODS)).status)
        await cluster.aclose()

    await cluster.request("GET", PODS)
    await cluster.aclose()
    other = threading.Thread(target=asyncio.run, args=(ask(),))
    other.start()
    await asyncio.to_thread(other.join)

    assert statuses == [200]


def test_a_kubectl_for_the_same_cluster_gets_only_what_it_needs(practice: PracticeCluster) -> None:
    environ = {"PATH": "/bin", "HTTPS_PROXY": "http://p", "AWS_PROFILE": "x", "SECRET": "y"}
    plain = load_cluster(str(practice.kubeconfig), None, environ=environ)
    kubeconfig = with_user(practice, {"exec": {"command": "aws"}})
    ours = {"PUNCHINGFIST_SECRET_X": "z"}
    with_plugin = load_cluster(kubeconfig, None, environ=environ | ours)

    assert plain.environment == {
        "PATH": "/bin",
        "HTTPS_PROXY": "http://p",
        "KUBECONFIG": str(practice.kubeconfig),
    }
    assert with_plugin.environment == environ | {"KUBECONFIG": str(practice.kubeconfig)}


async def test_no_credential_is_shown_over_a_plain_connection() -> None:
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    access = Access("plain", f"http://127.0.0.1:{port}", "default", None, token="hunter2")
    cluster = RestCluster(access, environ={})
    async with listener:
        await cluster.request("GET", PODS)
        await cluster.aclose()

    assert b"authorization" not in bytes(seen).lower()


async def test_a_client_certificate_is_shown(practice: PracticeCluster, tmp_path: Path) -> None:
    blob = trustme.CA().issue_cert("ana@example.com")
    user = {
        "token": practice.token,
        "client-certificate": "cert.pem",
        "client-key": "key.pem",
    }
    blob.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    blob.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    cluster = load_cluster(with_user(practice, user), None, environ={})
    status = (await cluster.request("GET", PODS)).status
    await cluster.aclose()

    assert status == 200
