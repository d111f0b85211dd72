"""The stores: every AWS call is made here, and AWS's errors end here."""
