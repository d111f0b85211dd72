"""One valid entry of each config file, to be bent by the tests."""

VENDORS = """
[goodday.statuses]
not_started = ["STNEW"]
in_review = ["STREV"]
approved = ["STAPP"]
changes_requested = ["STCHG"]
completed = ["STDONE"]
cancelled = ["STCNC"]
"""

DESTINATION = """
[[destinations]]
prefix = "labels"
vendor = "good2go"
recipient = "customer@brand.test"
"""
ROUTE = """
[[routes]]
name = "approval"
when = { vendor = "good2go", change = "status", to = "approved" }
then = [{ action = "goodday.set_status", status = "completed" }]
"""
REMINDER = """
[[reminders]]
name = "due"
vendor = "good2go"
offsets = "0"
"""
