"""The review workbook, form review/1: a reviewer's marks for every unit (annex 3)."""
