"""From a plan and a form to the templates that are mailed."""
