"""Polling: what a webhook missed is found."""
