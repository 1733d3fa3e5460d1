"""`config validate`: what is read (readings), what is made of it (checks), and their running."""
