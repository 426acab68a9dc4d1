"""The series of a small shop, with everything that makes PromQL hard: resets, gaps, NaN."""

from datetime import UTC, datetime
from typing import Any, Final

NOW: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def _series(name: str, values: str, **labels: str) -> dict[str, Any]:
    return {"labels": {"__name__": name, **labels}, "values": values}


def _requests(pod: str, code: str, values: str) -> dict[str, Any]:
    labels = {"namespace": "shop", "pod": pod, "code": code, "job": "web", "instance": f"{pod}:80"}
    return _series("http_requests_total", values, **labels)


def _bucket(pod: str, le: str, values: str) -> dict[str, Any]:
    return _series("latency_seconds_bucket", values, pod=pod, le=le, job="web")


def _memory(pod: str, container: str, values: str) -> dict[str, Any]:
    labels = {"namespace": "shop", "pod": pod, "container": container}
    return _series("memory_bytes", values, **labels)


SHOP: Final[dict[str, Any]] = {
    "interval": "30s",
    "series": [
        _requests("cart-1", "200", "0..6000x120"),
        _requests("cart-1", "500", "0x60 1..300x60"),
        _requests("cart-2", "200", "5000..9000x70 0..2500x50"),
        _requests("cart-2", "500", "3x30 _x8 4x20 _x22 7..19x40"),
        _requests("pay-1", "200", "10..400x50 _x70"),
        _bucket("cart-1", "0.1", "0..1000x120"),
        _bucket("cart-1", "0.5", "0..2000x120"),
        _bucket("cart-1", "1", "0..2400x120"),
        _bucket("cart-1", "+Inf", "0..2500x120"),
        _bucket("cart-2", "0.1", "0..10x120"),
        _bucket("cart-2", "0.5", "0..8x120"),
        _bucket("cart-2", "1", "0..90x120"),
        _bucket("cart-2", "+Inf", "0..400x120"),
        _bucket("pay-1", "0.1", "0..10x120"),
        _bucket("pay-1", "1", "0..90x120"),
        _memory("cart-1", "app", "300Mi 310Mi x40 320Mi..510Mix60 510Mi x20"),
        _memory("cart-1", "proxy", "40Mi x120"),
        _memory("cart-2", "app", "280Mi x60 290Mi x60"),
        _memory("pay-1", "app", "1Gi..100Mix120"),
        _series("limit_bytes", "512Mi x120", pod="cart-1", container="app", team="red"),
        _series("limit_bytes", "256Mi x120", pod="cart-2", container="app", team="blue"),
        _series("owner", "1x120", pod="cart-1", deployment="cart", node="n1"),
        _series("owner", "1x120", pod="cart-2", deployment="cart", node="n2"),
        _series("owner", "1x120", pod="pay-1", deployment="pay", node="n1"),
        _series("node_load", "0.5..3.5x120", node="n1"),
        _series("node_load", "2 -2 x118 0.25", node="n2"),
        _series("odd", "1 NaN +Inf 4 -Inf NaN 7 1e-9 1e22 -0.5x20 NaN x5", kind="mixed"),
        _series("odd", "NaN x60", kind="nan"),
        _series("odd", "+Inf x60", kind="inf"),
        _series("odd", "3.5 x60", kind="plain"),
        _series("restarts_total", "0x40 1x40 2x20 5x20", pod="cart-1"),
        _series("jumpy", "5 4 3 9 9 2 8 x110 1 7 7", pod="cart-1"),
        _series("up", "1x120", job="web", instance="cart-1:80"),
        _series("up", "1x60 0x60", job="web", instance="cart-2:80"),
    ],
}
