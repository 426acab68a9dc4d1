"""Measurements of what a user feels, each printing its figures as one JSON object."""
