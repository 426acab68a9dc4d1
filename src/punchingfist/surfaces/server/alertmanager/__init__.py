"""Alertmanager's own API, version 2, so that Prometheus and `amtool` can talk to us."""
