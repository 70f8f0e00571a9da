"""Drafts, sending, collecting: what goes out and comes back by mail."""
