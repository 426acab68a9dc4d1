"""PromQL over the series of a scenario: what the practice cluster's Prometheus answers with."""
