"""Orders in the database of the application itself, read and written through a mapping.

urls.py            the URL as the application's framework writes it
connection.py      read-only and writing transactions, errors translated
mapping.py         the TOML file; mapping_parts.py its tables
schema.py          whether the mapping fits the tables as they are
reading.py         rows, page by page
rows.py            one row → one order, or what is wrong with it
writing.py         a live order seen against a change
write_off.py       ORDERS_WRITE=off
write_sql.py       ORDERS_WRITE=sql: compare and swap
write_repost.py    ORDERS_WRITE=repost: events.py makes them, adapters/webhooks delivers
application.py     all of it as the port `Application`

Its tables are never altered.
"""
