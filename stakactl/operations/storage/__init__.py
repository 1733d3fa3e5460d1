"""The store of the PDFs as a whole: its health, what lies there, and colder classes."""
