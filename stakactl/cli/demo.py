"""`stakactl demo …`: the whole product on an offline Stripe."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import run_and_keep
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("demo")

SeedOption = Annotated[int, typer.Option("--seed", help="Another seed makes another world.")]
OrdersOption = Annotated[
    int, typer.Option("--orders", min=80, max=100_000, help="How many orders the world has.")
]


@command(app, default=True, example=["stakactl demo", "stakactl demo --seed 7"])
def demo(call: Call, seed: SeedOption = 1, orders: OrdersOption = 400) -> View:
    """Make a demo world, run the night's work on it and say what to try next.

    Everything happens in var/demo: no setting is read, no real account, store or mailbox touched.
    Ends with 0 when exactly the planted discrepancies remain that only a person may decide.
    """
    from stakactl.output.reports.demo import demo_view

    demo_call = call.in_demo()
    seed_world(demo_call, seed, orders)
    report, view = run_and_keep(demo_call)
    world = demo_call.container.demo
    return demo_view(view, world.path, world.differences(report))


@command(app, name="seed", example="stakactl demo seed --seed 7")
def seed(call: Call, seed: SeedOption = 1, orders: OrdersOption = 400) -> View:
    """Make a demo world and stop: nothing is reconciled yet."""
    from stakactl.output.reports.demo import seeded_view

    demo_call = call.in_demo()
    count = seed_world(demo_call, seed, orders)
    return seeded_view(count, demo_call.container.demo.path)


@command(app, name="serve", example="stakactl demo serve --port 12111")
def serve(
    call: Call,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
) -> None:
    """Serve the demo world's Stripe over HTTP until Ctrl-C.

    For curl and other clients of Stripe: stakactl itself reaches it with --demo.
    """
    import sys

    demo_call = call.in_demo()
    with demo_call.container.demo.stripe(port) as server:
        sys.stderr.write(f"Offline Stripe on {server.base_url}; Ctrl-C ends it.\n")
        sys.stderr.write(f"STRIPE_API_BASE={server.base_url}\n")
        sys.stderr.write(f"STRIPE_SECRET_KEY={next(iter(server.keys))}\n")
        server.serve_forever()


def seed_world(call: Call, seed: int, orders: int) -> int:
    """A new world in the demo's folder, its database and its orders taken in as a user would."""
    from stakactl.operations.import_orders import import_orders

    container = call.container
    with call.progress.stage("Making the demo world"):
        container.demo.seed(seed, datetime.now(UTC), orders)
        container.init_database()
        taken = container.read_orders(container.demo.orders_file, "ndjson", skip_bad=False)
        counts = import_orders(container, taken.orders, taken.problems).counts
    return counts.created
