"""Revenue by day: made from the record of money, the orders and the invoices, and forgotten."""
