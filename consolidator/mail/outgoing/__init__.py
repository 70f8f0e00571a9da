"""What goes out by mail: templates, corrections, reminders, each to whom it belongs, once."""
