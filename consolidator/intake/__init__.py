"""What came back: open each file safely, find whose it is, read its entry cells."""
