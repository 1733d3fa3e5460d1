"""An offline Stripe that speaks HTTP: for `--demo`, `make demo` and the tests.

No product code knows that it exists. The tool talks to it with the official SDK, as it talks to
Stripe, so that what works here works there.

    server.py       OfflineStripe: starts, stops, remembers the requests
    http.py         sockets: reads a request, writes an answer or breaks the connection on purpose
    api.py          one request → one answer: key, route, parameters, idempotency, execution
    resources/      what exists, by feature: paths, filters, parameters, effects
    expansion.py    `expand[]`
    state.py        every object, in one SQLite file
"""
