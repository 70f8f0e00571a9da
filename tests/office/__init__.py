"""Drive real spreadsheet programs as the units' own, and read what they leave behind."""
