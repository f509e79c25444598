"""bouncedmail - take returned mail, understand it, and remember it."""
