"""The plan as a workbook that staff edit: its sheets as data."""
