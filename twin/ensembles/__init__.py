"""Many runs: sweeps planned, computed on a cluster, kept, and read as one ensemble."""
