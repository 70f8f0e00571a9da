"""Run real mail servers as the district's provider: what one takes in, the other shows."""
