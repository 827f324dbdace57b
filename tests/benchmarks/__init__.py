"""Measurements that are run by hand: they need data or time that a test may not take."""
