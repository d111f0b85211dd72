"""Approval Studio's proof reports: a link to a PDF that needs no token."""

from __future__ import annotations

from typing import Any

from flask import Response
from fpdf import FPDF
from pydantic import Field

from local.simulators.approval_studio.assets import AssetUid
from local.simulators.approval_studio.envelope import success
from local.simulators.approval_studio.studio import NOT_FOUND, Asset, Project, Studio, new_uid
from local.simulators.approval_studio.words import Uid
from local.simulators.validation import Strict
from local.simulators.vendor import RefusedError, operation

_PDF_VERSION = "1.4"


class ProjectUid(Strict):
    """A query that names a project."""

    uid: Uid = Field(alias="ProjectUID")


class Reports:
    """The handlers. A report shows what was true when it was asked for."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._reports: dict[str, bytes] = {}

    def reset(self) -> None:
        """Forget all reports."""
        self._reports.clear()

    @operation("GET", "/api/v1/project/proofreport", section="GET /api/v1/project/proofreport")
    def get_project_proof_report(self, query: ProjectUid) -> dict[str, Any]:
        """Return a link to a report on a project and its assets."""
        project = self._studio.project(query.uid)
        assets = self._studio.assets_of(project, last_versions=True)
        return self._link([_project_line(project), *(_asset_line(asset) for asset in assets)])

    @operation("GET", "/api/v1/asset/proofreport", section="Asset management")
    def get_asset_proof_report(self, query: AssetUid) -> dict[str, Any]:
        """Return a link to a report on an asset, its decisions and its annotations."""
        asset = self._studio.asset(query.uid)
        verdicts = [f"{verdict.decision} by {verdict.by}" for verdict in asset.verdicts]
        remarks = [f"{each.by}: {each.text}" for each in self._studio.annotations_of(asset)]
        return self._link([_asset_line(asset), *verdicts, *remarks])

    @operation("GET", "/reports/<name>.pdf", section="GET /api/v1/project/proofreport", authenticated=False)
    def download_report(self, name: str) -> Response:
        """Return a report."""
        if name not in self._reports:
            raise RefusedError(NOT_FOUND, "There is no such report.")
        return Response(self._reports[name], content_type="application/pdf")

    def _link(self, lines: list[str]) -> dict[str, Any]:
        name = new_uid().lower()
        self._reports[name] = _pdf(lines)
        return success({"downloadURL": f"{self._studio.simulator.url}/reports/{name}.pdf"})


def _project_line(project: Project) -> str:
    return f"Project {project.name} ({project.uid}): {project.state}"


def _asset_line(asset: Asset) -> str:
    return f"Asset {asset.name}, version {asset.version} ({asset.uid}): {asset.status}"


def _pdf(lines: list[str]) -> bytes:
    pdf = FPDF()
    pdf.pdf_version = _PDF_VERSION
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    for line in lines:
        shown = line.encode("latin-1", "replace").decode("latin-1")
        pdf.multi_cell(0, 7, shown, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())
