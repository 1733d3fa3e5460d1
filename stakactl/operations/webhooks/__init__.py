"""What is done to webhook endpoints in Stripe, one file per verb; each plans first, then applies.

Nothing here needs a store of ours: what must be known later stands in the endpoints' metadata.
"""
