"""The revisions of the schema, one a module, in the order of their numbers."""
