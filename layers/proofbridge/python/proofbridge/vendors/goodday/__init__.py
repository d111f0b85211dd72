"""GoodDay: project tasks. The client is `client.GoodDay`, what it takes is in `inputs`.

Nothing is imported here, so that the mapping of statuses can be had without requests.
"""
