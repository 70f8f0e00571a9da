"""From submissions to findings: pure functions, one topic a module, one catalogue of codes."""
