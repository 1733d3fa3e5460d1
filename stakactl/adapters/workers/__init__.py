"""Executors of the steps that need no database: this process, or several on this machine."""
