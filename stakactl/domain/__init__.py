"""What stakactl knows about money, orders, Stripe and invoices, without touching the world."""
