"""Reports on paper and in sheets: plain Python on plain tables, no records."""
