"""The words of Proofbridge, and what follows from them alone. Nothing else of ours is imported here."""
