"""Measurements that are too long for the tests: speed, accuracy, targets, latency.

`python -m benchmarks --help` lists them all.
"""
