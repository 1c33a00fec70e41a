"""Random lives of ledgers, led by both forms of the rules."""
