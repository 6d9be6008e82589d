"""How fast the engine is, as ratios to pgbench and to the bare framework on the same server: `python -m benchmarks`."""
