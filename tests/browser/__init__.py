"""Tests in a real browser: what a person sees and does. `conftest.py` says what they need."""
