"""Dropped files on their way to the vendors."""
