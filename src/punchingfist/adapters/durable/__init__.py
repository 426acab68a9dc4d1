"""Durable execution, on DBOS and in memory."""
