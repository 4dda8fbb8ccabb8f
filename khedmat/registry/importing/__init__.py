"""The people register as a kind of import: its fields, and how a row of a file becomes a person."""
