"""Good2Go: print proofing. A proof is a *job*. The client is `client.Good2Go`, what it takes is in `inputs`.

Nothing is imported here, so that the mapping of statuses can be had without pydantic and requests.
"""
