"""A stored run as the browser needs it: small pieces, each read on its own."""
