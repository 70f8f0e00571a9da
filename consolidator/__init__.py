"""Issue reporting templates, check what comes back, write the district workbook."""

__version__ = "0.1.0"
