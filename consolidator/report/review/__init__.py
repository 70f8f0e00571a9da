"""From reviewers' marks to the merged review workbook, 评议汇总."""
