"""The browser application over :mod:`twin`."""
