"""
What the client costs, beside its rivals, in one run.

``python -m benchmarks`` prints a table of figures and their targets. Each figure is a ratio of CPU times that were
taken in turns, so that it means the same on every machine; how they are taken is told in `stopwatch`.
"""
