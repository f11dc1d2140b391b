# Written by `python -m aioturk._codegen`: change that, not this.
# Amazon Mechanical Turk 2017-01-17; facts with SHA-256 6a34117b486ea85f.

"""Modules written by `aioturk._codegen`; see the package of that name."""
