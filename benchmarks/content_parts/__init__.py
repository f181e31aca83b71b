"""The parts of `benchmarks/content.py`: one table a module, and what the tables share."""
