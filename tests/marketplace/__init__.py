"""Tests of the marketplace, driven by boto3 and raw HTTP: never by our own client."""
