"""Letters written from templates, and the two ways out: SMTP and a folder of .eml files."""
