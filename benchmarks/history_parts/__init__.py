"""The tables of benchmarks/history.py."""
