"""Orders joined with what Stripe knows of them."""
