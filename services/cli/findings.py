"""How a finding looks in a terminal."""

from schemas.findings import Finding, Severity

_STYLES = {Severity.ERROR: "red", Severity.ACTION: "yellow", Severity.WARN: "cyan", Severity.INFO: "dim"}


def style_of(severity: Severity) -> str:
    """The color that goes with the word; the word is always there too."""
    return _STYLES[severity]


def finding_lines(finding: Finding) -> list[str]:
    """Code and text, the place it points to, and what to do."""
    lines = [f"{finding.printed_code}: {finding.text.en}"]
    for evidence in finding.evidence[:2]:
        if evidence.file and evidence.page and evidence.box:
            x0, y0, x1, y1 = (round(side) for side in evidence.box)
            place = f"{evidence.file} page {evidence.page}, box {x0},{y0}-{x1},{y1}"
            lines.append(f"  where: {place}: “{evidence.text}”" if evidence.text else f"  where: {place}")
        elif evidence.file:
            lines.append(f"  where: {evidence.file}")
    lines.append(f"  to do: {finding.fix.en}")
    return lines
