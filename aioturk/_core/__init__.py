"""
The foundation: pure values and functions, without sockets, files, clocks or sleeps.

The client and the marketplace both stand on it and never import each other.
"""
