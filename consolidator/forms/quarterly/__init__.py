"""The quarterly form: what a unit fills, and the workbook that asks for it."""
