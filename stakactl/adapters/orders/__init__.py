"""Where orders come from: files that an application or a person exported.

files.py      read_orders: one file, every problem of it
readers.py    CSV, JSON and NDJSON → rows with their line
parsing.py    one row → one Order, or what is wrong with it
fields.py     the value of one column
"""

from stakactl.adapters.orders.files import FileFormat, OrderFile, read_orders

__all__ = ["FileFormat", "OrderFile", "read_orders"]
