"""Local AWS: the real template.yaml on one machine, with no Docker and no AWS account."""

from local.aws.client import LocalAws, LocalAwsError

__all__ = ["LocalAws", "LocalAwsError"]
