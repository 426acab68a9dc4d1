"""The API server as an ASGI application."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from punchingfist.errors import InvalidInput
from punchingfist.lab.kubernetes import discovery, openapi
from punchingfist.lab.kubernetes.access import Allow, Attempt, User, allow_all_but, forbidden
from punchingfist.lab.kubernetes.calls import Call, Place, parse_body, parse_path, verb_of
from punchingfist.lab.kubernetes.faults import Faults, SeenRequest
from punchingfist.lab.kubernetes.logs import Logs, no_logs, read_log
from punchingfist.lab.kubernetes.objects import Manifest, key_of, with_metadata
from punchingfist.lab.kubernetes.reads import as_list, as_object, get_object, list_objects, scale_of
from punchingfist.lab.kubernetes.resources import METRICS_GROUP, Catalogue, Resource
from punchingfist.lab.kubernetes.reviews import answer
from punchingfist.lab.kubernetes.selectors import parse_labels
from punchingfist.lab.kubernetes.statuses import ApiError, no_such_path, not_found
from punchingfist.lab.kubernetes.store import ObjectStore
from punchingfist.lab.kubernetes.usage import Usages, metrics_of
from punchingfist.lab.kubernetes.watches import Watch
from punchingfist.lab.kubernetes.writes import Writer
from punchingfist.ports.clock import Clock

_HEALTH = ("/healthz", "/livez", "/readyz")
_NEEDS_KUBELET = ("attach", "exec", "portforward", "proxy")
_BOOKMARK_SECONDS = 60.0
EVERYONE = "system:authenticated"


class KubernetesApi:
    """
    A Kubernetes API server in memory.

    *tokens* says who may come in; *allow* what each may do; *logs* and
    *usages* stand for the kubelets. Objects are put in with `seed` and
    changed by clients; `faults` arranges trouble and remembers requests.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        tokens: Mapping[str, User],
        allow: Allow | None = None,
        logs: Logs = no_logs,
        usages: Usages | None = None,
        bookmark_seconds: float = _BOOKMARK_SECONDS,
    ) -> None:
        self._clock, self._tokens, self._logs = clock, tokens, logs
        self._allow = allow or allow_all_but(())
        self._usages = usages or Usages()
        self._bookmark_seconds = bookmark_seconds
        self._catalogue = Catalogue()
        self.store = ObjectStore(clock)
        self.faults = Faults()
        self._writer = Writer(self.store, self._catalogue, clock)
        self.seed(_namespace(name) for name in ("default", "kube-system"))

    def seed(self, objects: Iterable[Manifest]) -> None:
        """
        Put *objects* in as they are, status and all, before anyone asks.

        Raises:
            InvalidInput: an object is of a kind that is not served.
        """
        for obj in objects:
            resource = self._catalogue.find_kind(obj["apiVersion"], obj["kind"])
            if resource is None:
                raise InvalidInput(
                    f"object {key_of(obj).name!r}: {obj['apiVersion']} {obj['kind']!r} is not "
                    "served; put its CustomResourceDefinition before it",
                    field="kind",
                    value=obj["kind"],
                )
            if resource.namespaced and not key_of(obj).namespace:
                obj = with_metadata(obj, namespace="default")  # noqa: PLW2901
            kept = self.store.save(resource, obj)
            if resource.plural == "customresourcedefinitions":
                self._catalogue.define(kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; refusals become their `Status`."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        seen = SeenRequest(
            request.method,
            request.url.path,
            dict(request.query_params),
            request.headers.get("user-agent", ""),
        )
        try:
            send = await self.faults.meet(seen, send)
            response = await self._answer(request)
        except ApiError as refusal:
            response = JSONResponse(refusal.body(), refusal.code)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        user, path = self._user(request), request.url.path.rstrip("/") or "/"
        if path in _HEALTH:
            return PlainTextResponse("ok")
        if (document := openapi.find_document(self._catalogue, path)) is not None:
            return JSONResponse(document)
        aggregated = "as=APIGroupDiscoveryList" in request.headers.get("accept", "")
        document = discovery.find_document(self._catalogue, path, aggregated=aggregated)
        if document is not None:
            grouped = document.get("kind") == "APIGroupDiscoveryList"
            return JSONResponse(document, media_type=discovery.AGGREGATED if grouped else None)
        place = parse_path(path)
        if place is None:
            raise no_such_path()
        return self._serve(await self._call(request, place, user))

    def _user(self, request: Request) -> User:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user = self._tokens.get(token) if scheme == "Bearer" else None
        if user is None:
            raise ApiError(401, "Unauthorized", "Unauthorized")
        wanted = request.headers.get("impersonate-user")
        if not wanted:
            return User(user.name, (*user.groups, EVERYONE))
        attempt = Attempt(user, "impersonate", "", "users", name=wanted)
        if not self._allow(attempt):
            raise forbidden(attempt)
        return User(wanted, (*request.headers.getlist("impersonate-group"), EVERYONE))

    async def _call(self, request: Request, place: Place, user: User) -> Call:
        resource = self._catalogue.find(place.group, place.version, place.plural)
        if resource is None or (place.namespace and not resource.namespaced):
            raise no_such_path()
        if place.subresource in _NEEDS_KUBELET:
            raise ApiError(501, "NotImplemented", f"{place.subresource}: no kubelet runs here")
        if place.subresource and place.subresource not in resource.subresources:
            raise no_such_path()
        query = dict(request.query_params)
        content_type = request.headers.get("content-type", "")
        agent = request.headers.get("user-agent", "unknown").partition("/")[0]
        call = Call(
            verb=verb_of(request.method, place, query),
            resource=resource,
            namespace=place.namespace,
            name=place.name,
            subresource=place.subresource,
            query=query,
            accept=request.headers.get("accept", ""),
            content_type=content_type,
            body=parse_body(await request.body(), content_type),
            user=user,
            manager=query.get("fieldManager") or agent,
        )
        reviewing = call.verb == "create" and resource.verbs == ("create",)
        if not reviewing and not self._allow(call.attempt):
            raise forbidden(call.attempt)
        return call

    def _serve(self, call: Call) -> Response:
        now = self._clock.now()
        if self._catalogue.is_virtual(call.resource):
            return self._serve_virtual(call, now)
        match call.verb:
            case "watch":
                watch = Watch(
                    self.store, call, self._clock, bookmark_seconds=self._bookmark_seconds
                )
                return StreamingResponse(watch.lines(), media_type="application/json")
            case "list":
                return JSONResponse(as_list(call, *list_objects(self.store, call), now))
            case "get":
                return self._serve_object(call, now)
        return self._serve_write(call, now)

    def _serve_object(self, call: Call, now: datetime) -> Response:
        obj = get_object(self.store, call)
        if call.subresource == "log":
            text = read_log(obj, call.query, self._logs, now=now)
            return Response(text, media_type="text/plain")
        if call.subresource == "scale":
            return JSONResponse(scale_of(obj))
        return JSONResponse(as_object(call, obj, now))

    def _serve_write(self, call: Call, now: datetime) -> Response:
        match call.verb:
            case "create" if call.subresource == "eviction":
                return JSONResponse(self._writer.evict(call), 201)
            case "create" if not call.name:
                return JSONResponse(as_object(call, self._writer.create(call), now), 201)
            case "update":
                return JSONResponse(as_object(call, self._writer.update(call), now))
            case "patch":
                return JSONResponse(as_object(call, self._writer.patch(call), now))
            case "delete":
                return JSONResponse(self._writer.delete(call))
            case "deletecollection":
                gone = self._writer.delete_all(call)
                metadata = {"resourceVersion": str(self.store.version)}
                return JSONResponse(as_list(call, gone, metadata, now))
        raise ApiError(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )

    def _serve_virtual(self, call: Call, now: datetime) -> Response:
        if call.resource.group == METRICS_GROUP and call.verb in call.resource.verbs:
            return JSONResponse(self._metrics(call, now))
        if call.verb != "create":
            raise ApiError(405, "MethodNotAllowed", f"{call.verb} is not supported here")
        review = answer(
            call.resource,
            call.manifest(),
            user=call.user,
            allow=self._allow,
            catalogue=self._catalogue,
        )
        return JSONResponse(review, 201)

    def _metrics(self, call: Call, now: datetime) -> Manifest:
        objects = self.store.all(self._measured(call), call.namespace or None)
        chosen = parse_labels(call.query.get("labelSelector", ""))
        found = [
            metrics
            for obj in objects
            if call.name in ("", key_of(obj).name) and chosen(obj)
            if (metrics := metrics_of(call.resource, obj, self._usages, now))
        ]
        if not call.name:
            return as_list(call, found, {}, now)
        if not found:
            raise not_found(call.resource.qualified, call.name)
        return found[0]

    def _measured(self, call: Call) -> Resource:
        resource = self._catalogue.find("", "v1", call.resource.plural)
        if resource is None:
            raise no_such_path()
        return resource


def _namespace(name: str) -> Manifest:
    labels = {"kubernetes.io/metadata.name": name}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
        "status": {"phase": "Active"},
    }
