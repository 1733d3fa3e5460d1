"""The languages of the pages; apart, because the command line offers them at every start."""

from enum import StrEnum


class Language(StrEnum):
    FR = "fr"
    EN = "en"
