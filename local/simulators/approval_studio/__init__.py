"""Approval Studio, simulated: packaging proofs, an asset in a project (API v1)."""

from local.simulators.approval_studio.vendor import ApprovalStudio

__all__ = ["ApprovalStudio"]
