"""One module per sender of webhooks: how its calls are verified, and which item they name."""
