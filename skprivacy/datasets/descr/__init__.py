"""Files that the loaders read."""
