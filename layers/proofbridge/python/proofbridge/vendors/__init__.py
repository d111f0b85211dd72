"""Typed clients of the vendors, one package each, on one http core.

Nothing is imported here, so that `vendors.errors` (standard library only) can be had without requests or
pydantic.
"""
