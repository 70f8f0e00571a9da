"""What is asked of whom: a year's plan, its periods, and the checks on it."""
