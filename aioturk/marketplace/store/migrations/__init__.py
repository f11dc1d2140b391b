"""
How a store of an older aioturk becomes one of this: Alembic's folder.

New stores are made from :mod:`aioturk.marketplace.store.tables` and marked with the newest revision; a test sees to it
that both ways lead to the same schema. To add a revision, change the tables, and write the step in `versions` by hand
or with Alembic's help.
"""
