"""From submissions to the district's numbers."""
