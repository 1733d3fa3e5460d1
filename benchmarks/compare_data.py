"""A store with as many orders as wanted, each with its whole chain, made by the database itself.

One order in a thousand is wrong, in one of eight ways. Ids of Stripe are scattered as they are in
reality: neighbours in time are no neighbours in an index.
"""

from sqlalchemy import Connection

from stakactl.adapters.database.engine import Database

#: Distinct wrong orders among a thousand times eight; the rest is in order.
WRONG_IN = 1000
_KINDS = 8


def fill(database: Database, rows: int) -> None:
    """Orders, sessions, PaymentIntents, charges and invoices, `rows` of each."""
    with database.write() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA cache_size = -400000")
        for statement in _statements(database.is_sqlite, rows):
            # psycopg takes a single percent sign for a parameter
            plain = statement if database.is_sqlite else statement.replace("%", "%%")
            connection.exec_driver_sql(plain)
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        _settle(connection, sqlite=database.is_sqlite)


def _settle(connection: Connection, *, sqlite: bool) -> None:
    """What autovacuum has done by the night after a bulk import."""
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "VACUUM ANALYZE")


def _statements(sqlite: bool, rows: int) -> list[str]:
    numbers = (
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})"  # noqa: S608
        if sqlite
        else f"WITH n AS (SELECT generate_series(1, {rows}::bigint) AS n)"
    )

    def ident(prefix: str) -> str:
        scattered = "(n * 2654435761) % 4294967296"
        digits = f"printf('%08x', {scattered})" if sqlite else f"to_hex({scattered} + 4294967296)"
        return f"'{prefix}' || {digits}"

    def moment(minutes: int = 0) -> str:
        seconds = f"1700000000 + n * 60 + {minutes * 60}"
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f000', {seconds}, 'unixepoch')"
        return f"to_timestamp({seconds})"

    def day() -> str:
        return f"date({moment()})" if sqlite else f"({moment()})::date"

    def wrong(kind: int) -> str:
        return f"n % {WRONG_IN * _KINDS} = {kind * WRONG_IN + 7}"

    yes, amount = ("1", "0") if sqlite else ("true", "false"), "(1000 + n % 9000)"
    inserts = {
        "orders": {
            "order_id": "'CMD-' || n",
            "created_at": moment(),
            "status": f"CASE WHEN {wrong(0)} THEN 'pending' WHEN {wrong(1)} THEN 'cancelled' "
            "ELSE 'paid' END",
            "amount_minor": amount,
            "currency": "'eur'",
            "title": "'Correction ' || n",
            "customer_email": "'client' || n || '@example.com'",
            "customer_name": "'Client ' || n",
            **dict.fromkeys("company siren vat_number line2 level".split(), "''"),
            "line1": "'3 rue des Lilas'",
            "postal_code": "'75011'",
            "city": "'Paris'",
            "country": "'FR'",
            "locale": "'fr'",
            "stripe_session_id": f"CASE WHEN {wrong(2)} THEN NULL ELSE {ident('cs_live_a1')} END",
            "nature": "'services'",
            "vat_rate": "'20'",
            "paid_at": moment(2),
            "settled_at": moment(2),
            "search_text": "'cmd-' || n",
        },
        "stripe_sessions": {
            "id": ident("cs_live_a1"),
            "created_at": moment(),
            "livemode": yes[0],
            "status": "'complete'",
            "payment_status": "'paid'",
            "mode": "'payment'",
            "amount_total_minor": f"{amount} + CASE WHEN {wrong(3)} THEN 1 ELSE 0 END",
            "currency": "'eur'",
            "payment_intent_id": ident("pi_3"),
            "customer_country": "'FR'",
            "client_reference_id": f"CASE WHEN {wrong(2)} THEN NULL ELSE 'CMD-' || n END",
            "unsettled": yes[1],
        },
        "stripe_intents": {
            "id": ident("pi_3"),
            "created_at": moment(),
            "livemode": yes[0],
            "status": f"CASE WHEN {wrong(4)} THEN 'canceled' ELSE 'succeeded' END",
            "amount_minor": amount,
            "currency": "'eur'",
            "amount_received_minor": amount,
            "latest_charge_id": ident("ch_3"),
            "payment_method_type": "'card'",
            "unsettled": yes[1],
        },
        "stripe_charges": {
            "id": ident("ch_3"),
            "created_at": moment(1),
            "livemode": yes[0],
            "status": "'succeeded'",
            "amount_minor": amount,
            "currency": "'eur'",
            "amount_refunded_minor": "0",
            "payment_intent_id": ident("pi_3"),
            "balance_transaction_id": ident("txn_3"),
            "payment_method_type": "'card'",
            "captured": yes[0],
            "unsettled": yes[1],
        },
        "stripe_refunds": {
            "id": ident("re_3"),
            "created_at": moment(5),
            "status": "'succeeded'",
            "amount_minor": "500",
            "currency": "'eur'",
            "charge_id": ident("ch_3"),
            "payment_intent_id": ident("pi_3"),
            "unsettled": yes[1],
            "": wrong(5),
        },
        "stripe_disputes": {
            "id": ident("du_3"),
            "created_at": moment(9),
            "livemode": yes[0],
            "status": "'needs_response'",
            "amount_minor": amount,
            "currency": "'eur'",
            "charge_id": ident("ch_3"),
            "payment_intent_id": ident("pi_3"),
            "unsettled": yes[0],
            "": wrong(6),
        },
        "invoices": {
            "invoice_id": "'inv_' || n",
            "number": "'FACT-2026-' || n",
            "series": "'FACT'",
            "year": "2026",
            "sequence": "n",
            "order_id": "'CMD-' || n",
            "customer_id": "'u_' || n",
            "issued_at": moment(3),
            "issued_on": day(),
            "live": yes[0],
            "total_minor": amount,
            "currency": "'eur'",
            "snapshot": "'{}'",
            "search_text": "'client ' || n",
            "pdf_status": "'stored'",
            "object_key": "'invoices/2026/' || n",
            "run_id": "'seed'",
            "": f"NOT ({wrong(7)})",
        },
    }
    return [_insert(table, columns, numbers) for table, columns in inserts.items()]


def _insert(table: str, columns: dict[str, str], numbers: str) -> str:
    """`columns` are names with what stands in them; the nameless one says which rows."""
    values = dict(columns)
    where = values.pop("", None)
    condition = f" WHERE {where}" if where else ""
    listed, selected = ", ".join(values), ", ".join(values.values())
    return f"INSERT INTO {table} ({listed}) {numbers} SELECT {selected} FROM n{condition}"  # noqa: S608
