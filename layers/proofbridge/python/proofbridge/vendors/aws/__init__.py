"""Amazon's own services as a vendor: e-mail and the bus. They take actions and hold no items."""
