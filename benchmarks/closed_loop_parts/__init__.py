"""The parts of `benchmarks/closed_loop.py`."""
