"""What each vendor posts, in the shapes their documentation shows."""

import json
from typing import Any

GRAFANA: dict[str, Any] = {
    "receiver": "fist",
    "status": "firing",
    "orgId": 1,
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "High memory usage", "team": "blue", "zone": "us-1"},
            "annotations": {
                "description": "The system has high memory usage",
                "runbook_url": "https://runbooks.example.com/memory",
            },
            "startsAt": "2026-05-01T03:12:34.568419+02:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://grafana.example.com/alerting/grafana/rule-uid/view?orgId=1",
            "fingerprint": "c6eadffa33fcdf37",
            "silenceURL": "https://grafana.example.com/alerting/silence/new?alertmanager=grafana",
            "dashboardURL": "https://grafana.example.com/d/cluster?orgId=1",
            "panelURL": "https://grafana.example.com/d/cluster?orgId=1&viewPanel=2",
            "values": {"B": 44.23943737541908, "C": 1},
            "valueString": "[ var='B' labels={} value=44.2 ]",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "High CPU usage", "team": "blue", "zone": "eu-1"},
            "annotations": {"description": "The system has high CPU usage"},
            "startsAt": "2026-05-01T03:11:24.568419+02:00",
            "endsAt": "2026-05-01T03:20:24.568419+02:00",
            "generatorURL": "https://grafana.example.com/alerting/grafana/other-uid/view?orgId=1",
            "fingerprint": "d1d4f9c1a9e7c9f2",
            "silenceURL": "",
            "dashboardURL": "",
            "panelURL": "",
            "values": None,
        },
    ],
    "groupLabels": {},
    "commonLabels": {"team": "blue"},
    "commonAnnotations": {},
    "externalURL": "https://grafana.example.com/",
    "version": "1",
    "groupKey": "{}:{}",
    "truncatedAlerts": 0,
    "title": "[FIRING:1]  (blue)",
    "state": "alerting",
    "message": "**Firing**\n\nValue: B=44.2",
}

PAGERDUTY: dict[str, Any] = {
    "event": {
        "id": "5ac64822-4adc-4fda-ade0-410becf0de4f",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-05-01T03:12:22.860Z",
        "agent": {
            "html_url": "https://acme.pagerduty.com/users/PLH1HKV",
            "id": "PLH1HKV",
            "self": "https://api.pagerduty.com/users/PLH1HKV",
            "summary": "Tenex Engineer",
            "type": "user_reference",
        },
        "client": {"name": "PagerDuty"},
        "data": {
            "id": "PGR0VU2",
            "type": "incident",
            "self": "https://api.pagerduty.com/incidents/PGR0VU2",
            "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
            "number": 2,
            "status": "triggered",
            "incident_key": "d3640fbd41094207a1c11e58e46b1662",
            "created_at": "2026-05-01T03:12:21Z",
            "title": "A little bump in the road",
            "service": {
                "html_url": "https://acme.pagerduty.com/services/PF9KMXH",
                "id": "PF9KMXH",
                "self": "https://api.pagerduty.com/services/PF9KMXH",
                "summary": "API Service",
                "type": "service_reference",
            },
            "assignees": [],
            "escalation_policy": {"id": "PUS0KTE", "summary": "Default"},
            "teams": [],
            "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
            "urgency": "high",
            "conference_bridge": None,
            "resolve_reason": None,
        },
    }
}

OPSGENIE: dict[str, Any] = {
    "source": {"name": "web", "type": "API"},
    "alert": {
        "tags": ["OverwriteQuietHours", "Critical"],
        "teams": ["team1"],
        "responders": ["recipient1"],
        "message": "An example alert message",
        "username": "john.smith@example.com",
        "alertId": "052652ac-5d1c-464a-812a-7dd18bbfba8c",
        "source": "john.smith@example.com",
        "alias": "Life is too short for no alias",
        "tinyId": "10",
        "entity": "An example entity",
        "createdAt": 1777604400000,
        "updatedAt": 1777604700000,
        "userId": "daed1180-0ce8-438b-8f8e-57e1a5920a2d",
        "description": "Every alert needs a description",
        "details": {"serverName": "Zion", "region": "Oregon"},
        "priority": "P1",
    },
    "action": "Create",
    "integrationId": "37c8f316-17c6-49d7-899b-9c7e540c048d",
    "integrationName": "Webhook",
}

# The payload of the documentation with its variables filled in.
DATADOG: dict[str, Any] = {
    "alert_id": "8976543",
    "transition": "Triggered",
    "type": "error",
    "priority": "P2",
    "title": "Memory is high on kube_namespace:shop",
    "message": "More than 90 % of the limit is used.",
    "scope": "kube_namespace:shop,pod_name:cart-7d9f6c5b8-x2x9k",
    "tags": "env:prod,kube_deployment:cart,monitor",
    "host": "",
    "metric": "kubernetes.memory.usage_pct",
    "query": "avg(last_5m):avg:kubernetes.memory.usage_pct{*} by {kube_namespace,pod_name} > 0.9",
    "link": "https://app.datadoghq.eu/monitors/8976543",
    "date": "1777604400000",
    "org_id": "11023",
}

ALARM: dict[str, Any] = {
    "AlarmName": "cart memory",
    "AlarmDescription": "The memory of the cart is nearly used up.",
    "AWSAccountId": "123456789012",
    "AlarmConfigurationUpdatedTimestamp": "2026-04-01T09:00:00.000+0000",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 1 datapoint [93.1 (01/05/26 03:07:00)] was greater.",
    "StateChangeTime": "2026-05-01T03:12:00.123+0000",
    "Region": "EU (Ireland)",
    "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cart memory",
    "OldStateValue": "OK",
    "OKActions": [],
    "AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
    "InsufficientDataActions": [],
    "Trigger": {
        "MetricName": "pod_memory_utilization",
        "Namespace": "ContainerInsights",
        "StatisticType": "Statistic",
        "Statistic": "AVERAGE",
        "Unit": None,
        "Dimensions": [
            {"value": "prod", "name": "ClusterName"},
            {"value": "shop", "name": "Namespace"},
            {"value": "cart", "name": "PodName"},
        ],
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 90.0,
        "TreatMissingData": "missing",
        "EvaluateLowSampleCountPercentile": "",
    },
}

ANY_SHAPE: dict[str, Any] = {
    "team": "shop",
    "data": {
        "alerts": [
            {
                "id": 17,
                "title": "queue is full",
                "state": "ALERT",
                "level": "critical",
                "since": 1777604400,
                "tags": {"queue": "orders"},
            },
            {"id": 18, "title": "queue is empty", "state": "OK", "level": "", "tags": {}},
        ]
    },
}


def changed(body: Any, path: str, value: Any) -> Any:
    """Return a copy of *body* with *value* at *path*, written with dots; None takes it out."""
    fresh = json.loads(json.dumps(body))
    place, *names = fresh, *path.split(".")
    for name in names[:-1]:
        place = place[int(name) if isinstance(place, list) else name]
    if value is None:
        del place[names[-1]]
    else:
        place[names[-1]] = value
    return fresh
