"""Proofbridge: proofs at Good2Go, Approval Studio and RoboHead, tasks at GoodDay, kept as one."""
