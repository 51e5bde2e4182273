"""Records that nobody would think of: events made from the types of their data, and damaged bytes."""
