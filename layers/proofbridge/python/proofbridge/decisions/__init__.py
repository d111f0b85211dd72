"""Four systems that agree: who decided last, and what follows for the others."""
