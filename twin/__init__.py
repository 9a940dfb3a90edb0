"""A digital twin of floods and emergency response in cities."""
