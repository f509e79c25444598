"""A mail system on one machine: hosts that are namespaces, a wire between them, DNS, and the world outside."""
