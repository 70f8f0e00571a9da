"""Official documents with a plan's annexes: what was understood of them, and what was not."""
