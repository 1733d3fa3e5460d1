"""`stakactl` and `python -m stakactl`."""

from stakactl.cli.app import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
