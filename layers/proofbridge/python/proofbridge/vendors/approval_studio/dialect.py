"""What the documentation at hand leaves open about requests: settings, the most likely as the default."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Uploads(enum.StrEnum):
    """How an upload is written, each named after its file part.

    The documentation names the part `File`; its parameters are then taken to be fields of the same form. A
    public client puts them into the query, with the file's name as `FileName`, and names the part
    `attachment`.
    """

    FILE_AND_FIELDS = "File"
    ATTACHMENT_AND_QUERY = "attachment"


class Place(enum.Enum):
    """Where a call has the id of what it is about: `TaskUID` in the query or `taskUID` in a JSON body."""

    QUERY = enum.auto()
    BODY = enum.auto()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How requests are written whose description is lost.

    `deletes` are the DELETE calls, `changes` the PUT calls that name nothing but a thing: completing a task,
    hiding or completing an annotation, testing a webhook.
    """

    uploads: Uploads = Uploads.FILE_AND_FIELDS
    deletes: Place = Place.QUERY
    changes: Place = Place.BODY
