"""Fakes for every port, for our tests and for yours."""
