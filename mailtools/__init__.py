"""Small programs for hosts that carry mail with Postfix."""

__version__ = '1.0.0'
