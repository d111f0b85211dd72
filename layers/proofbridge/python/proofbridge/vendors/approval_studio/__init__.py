"""Approval Studio: packaging proofs. A proof is an *asset* in a *project*.

The client is `client.ApprovalStudio`, what it takes is in `inputs`, what its webhooks bring in `events`.
Nothing is imported here, so that the mapping of statuses can be had without pydantic and requests.
"""
