"""Every workbook that goes out, described as data: layout, stamp, and one package a form."""
