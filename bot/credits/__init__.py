"""The team's credits: ledger, limits, reports. Everything that touches rows is a transaction script.

people      ensure_workspace, ensure_person
pool        open_period, top_up, set_refill, set_limit
ledger      hold, charge, release, write_off, correct
reports     headroom, recent
check       check: does the ledger add up?
policy      a workspace's rules and what they leave now
holding     what the ledger knows of one job
accounts    the accounts, and the one way to write entries
periods, amounts        days, weeks and months of a time zone; credits and micro-dollars
"""
