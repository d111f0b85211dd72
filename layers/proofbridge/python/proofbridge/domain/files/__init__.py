"""Dropped files: what arrived, what a vendor is told of it, and how it travels through the queues."""
