"""How options look and start: -h works too, switches are listed without the type `<bool>`."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

CONTEXT_SETTINGS = {"help_option_names": ["--help", "-h"]}


class Command(TyperCommand):
    def get_params(self, ctx: Any) -> Any:
        return tidied(super().get_params(ctx))


class Group(TyperGroup):
    def get_params(self, ctx: Any) -> Any:
        return tidied(super().get_params(ctx))


def tidied(parameters: Any) -> Any:
    """A switch without a default (Typer's own --install-completion) would be coerced from None,
    and that imports pydantic at every start: False needs no coercion."""
    for parameter in parameters:
        if getattr(parameter, "is_bool_flag", False):
            parameter.metavar = ""
            if parameter.default is None and not parameter.secondary_opts:
                parameter.default = False
    return parameters
