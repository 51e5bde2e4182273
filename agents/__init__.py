"""What travels on the road: tickets, surveys and their metrics, as pure functions on plain records."""
