"""Runs the bundle on one machine: local AWS, Lambda processes and simulators of the vendors."""
