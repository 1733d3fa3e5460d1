"""Real implementations of the ports; the only place that knows foreign libraries."""
