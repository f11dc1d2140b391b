"""
The writer of :mod:`aioturk._generated`. Nothing imports it; run it with ``python -m aioturk._codegen``.

``model.json`` holds the facts of the service description, `names` the Python names, `words` our own
sentences, `limits` the bounds that the description leaves out, and `render` puts them together.
"""
