"""Records that nobody would think of: made from the types of events, and bytes that were damaged."""
