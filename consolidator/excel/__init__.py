"""The one place that writes workbooks: a theme, and a writer that renders forms."""
