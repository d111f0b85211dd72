"""RoboHead: reviews. The client is `client.RoboHead`, what it takes is in `inputs`, conditions in `filters`.

Nothing is imported here, so that the mapping of statuses can be had without pydantic and requests.
"""
