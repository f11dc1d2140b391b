"""
The command line: parse, call the library, print. `app` knows the commands; each group has a module, imported when used.

Exit codes: 0 success, 1 a failure that the message explains, 2 wrong usage.
"""
