"""What alerts need from outside the store.

rules.py   the rules, ours and where a person changed them
usage.py   how full the disk and the memory of this machine are
chat.py    the webhook of a chat that is told
"""
