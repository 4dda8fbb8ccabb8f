"""Looking for likely duplicates: pure Python, Splink and DuckDB, without Django; runs in a process of its own."""
