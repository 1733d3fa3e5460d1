"""Settings: which exist, where they stand, what is wrong with them, and their `.env` file.

    declared.py     every setting, typed and documented
    settings.py     Settings: the settings in use and what follows from them
    validators.py   from the text of one setting to its value
    checks.py       what settings must be to each other
    resolve.py      defaults that hang on other settings → views.py, what wiring takes
    sources.py      the `.env` in use and the environment; names.py knows the names
    reading.py      everything at once: the settings and every problem
    env_file.py     the file itself: strict reading, writing for its owner only
    secret_files.py where a new signing secret is put
    example.py      `.env.example` and new files; translate.py from an application's file
    problems.py     messages that never repeat a secret

Importing this package costs pydantic (0.1 s): commands import it inside their bodies.
"""

from stakactl.config.env_file import write_env_file
from stakactl.config.example import env_file_text, render_env_example
from stakactl.config.names import RECOGNISED, Recognised, Use
from stakactl.config.problems import Problem
from stakactl.config.reading import Reading, field_names, read_settings
from stakactl.config.secret_files import EnvFileSecret, NewSecretFile
from stakactl.config.settings import Settings
from stakactl.config.show import SettingRow, setting_rows
from stakactl.config.translate import Explanation, Translation, translate_env
from stakactl.config.views import (
    ApplicationAccess,
    MailSecurity,
    MailSettings,
    MailTransport,
    OrdersWrite,
    StorageProvider,
    StorageSettings,
    StripeAccess,
    StripeInvoices,
)

__all__ = [
    "RECOGNISED",
    "ApplicationAccess",
    "EnvFileSecret",
    "Explanation",
    "MailSecurity",
    "MailSettings",
    "MailTransport",
    "NewSecretFile",
    "OrdersWrite",
    "Problem",
    "Reading",
    "Recognised",
    "SettingRow",
    "Settings",
    "StorageProvider",
    "StorageSettings",
    "StripeAccess",
    "StripeInvoices",
    "Translation",
    "Use",
    "env_file_text",
    "field_names",
    "read_settings",
    "render_env_example",
    "setting_rows",
    "translate_env",
    "write_env_file",
]
