"""Local AWS: the real template.yaml on one machine, with no Docker and no AWS account.

`python -m local` runs it; `LocalAws` runs it for tests and demos. Where it differs from AWS:

- Functions run on this machine's Python and processor, whatever the template's Runtime and Architectures say.
  /opt is a directory under .local: an environment variable that is /opt, or begins with /opt/, is rewritten.
- IAM is not enforced, and KMS, alarms, log groups and bucket policies do nothing.
- Messages of a queue and records of a stream wait for a free process of their function; at AWS they would be
  throttled, which costs messages a receive. A stream is read one batch at a time (ParallelizationFactor 1).
- An asynchronous invocation or schedule that fails is not tried again (at AWS twice, after 1 and 2 minutes).
- The HTTP API has no rate limit and no access log; EventBridge rules reach queues and buses, not functions.
- Schedules are rates and times of every day, event patterns list values, routes name one path and method, and
  event source mappings have what the template uses. Anything else is refused by name.
- Time to live deletes nothing; a function's background threads are not frozen between invocations; importing
  a function may take 60 s, not 10.
"""

from local.aws.client import LocalAws, LocalAwsError

__all__ = ["LocalAws", "LocalAwsError"]
