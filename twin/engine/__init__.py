"""One clock over forcing, flood, roads and response."""
