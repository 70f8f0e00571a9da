"""What comes in by mail: taken apart, saved beside a record of its mail, or named."""
