"""Batches: exactly once, whatever happens."""
