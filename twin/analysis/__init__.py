"""Questions about a city and its runs: who is reached, what stands in the water, where to build."""
