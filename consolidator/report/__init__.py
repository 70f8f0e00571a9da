"""From figures to the district workbook: one module a sheet."""
