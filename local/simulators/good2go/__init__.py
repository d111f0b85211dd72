"""Good2Go, simulated: print proofing, where the proof is a job (API v1)."""

from local.simulators.good2go.vendor import Good2Go

__all__ = ["Good2Go"]
