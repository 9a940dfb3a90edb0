"""The city as data: read, build, check and make one up."""
