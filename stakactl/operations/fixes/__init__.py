"""How a planned change is checked once more and made, one module per target."""
