"""The rows of everything that leads traffic to pods."""

from datetime import datetime

from punchingfist.lab.kubernetes.columns.layout import (
    NONE,
    Cells,
    age,
    layout,
    listed,
    name_of,
    pairs,
)
from punchingfist.lab.kubernetes.columns.layout import selector as label_selector
from punchingfist.lab.kubernetes.objects import Manifest, dig

_SHOWN_ADDRESSES = 3


def _service(obj: Manifest, now: datetime) -> Cells:
    return (
        name_of(obj),
        dig(obj, "spec.type") or "ClusterIP",
        dig(obj, "spec.clusterIP") or NONE,
        _external(obj),
        listed([_port(port) for port in dig(obj, "spec.ports") or ()]),
        age(obj, now),
        pairs(dig(obj, "spec.selector")),
    )


def _external(obj: Manifest) -> str:
    if dig(obj, "spec.type") == "ExternalName":
        return str(dig(obj, "spec.externalName"))
    balancers = [
        i.get("ip") or i.get("hostname") for i in dig(obj, "status.loadBalancer.ingress") or ()
    ]
    if dig(obj, "spec.type") == "LoadBalancer" and not balancers:
        return "<pending>"
    return listed([*balancers, *(dig(obj, "spec.externalIPs") or ())])


def _port(port: Manifest) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}"


def _shortened(values: list[str]) -> str:
    more = len(values) - _SHOWN_ADDRESSES
    return listed(values[:_SHOWN_ADDRESSES]) + (f" + {more} more..." if more > 0 else "")


def _endpoints(obj: Manifest, now: datetime) -> Cells:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    return name_of(obj), _shortened(found), age(obj, now)


def _slice(obj: Manifest, now: datetime) -> Cells:
    ports = [str(port.get("port", "*")) for port in obj.get("ports") or ()]
    addresses = [a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()]
    return (
        name_of(obj),
        obj.get("addressType", ""),
        ",".join(ports) or "<unset>",
        _shortened(addresses) if addresses else "<unset>",
        age(obj, now),
    )


def _ingress(obj: Manifest, now: datetime) -> Cells:
    hosts = [rule["host"] for rule in dig(obj, "spec.rules") or () if rule.get("host")]
    balancers = dig(obj, "status.loadBalancer.ingress") or ()
    return (
        name_of(obj),
        dig(obj, "spec.ingressClassName") or NONE,
        ",".join(hosts) or "*",
        ",".join(i.get("ip") or i.get("hostname", "") for i in balancers),
        "80, 443" if dig(obj, "spec.tls") else "80",
        age(obj, now),
    )


def _ingress_class(obj: Manifest, now: datetime) -> Cells:
    return name_of(obj), dig(obj, "spec.controller"), NONE, age(obj, now)


def _policy(obj: Manifest, now: datetime) -> Cells:
    return name_of(obj), label_selector(dig(obj, "spec.podSelector")), age(obj, now)


LAYOUTS = {
    "services": layout("Name, Type, Cluster-IP, External-IP, Port(s), Age, +Selector", _service),
    "endpoints": layout("Name, Endpoints, Age", _endpoints),
    "endpointslices": layout("Name, AddressType, Ports, Endpoints, Age", _slice),
    "ingresses": layout("Name, Class, Hosts, Address, Ports, Age", _ingress),
    "ingressclasses": layout("Name, Controller, Parameters, Age", _ingress_class),
    "networkpolicies": layout("Name, Pod-Selector, Age", _policy),
}
