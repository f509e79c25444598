"""Keep out the clients that guess passwords: the program block-sasl-fail."""
