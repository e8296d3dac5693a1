"""What can be said of one document by itself, without a claim around it."""

from schemas.facts import DocumentFacts, Evidence, Fact, ReadStatus
from schemas.findings import Finding
from services.rules.vocabulary import Vocabulary
from services.validator.core.checks.files import NO_OCR, REFUSALS, SIGNS, UNREADABLE_FLAGS

HYBRID_MISMATCH = "hybrid_mismatch:"


def document_findings(file: str, facts: DocumentFacts, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return what is wrong with a document, in a fixed order: how it could be read, then what it says."""
    here = (Evidence(document_sha256=facts.sha256, file=file),)
    if facts.status is ReadStatus.REJECTED:
        code = REFUSALS.get(facts.reason or "", "FILE_CORRUPT")
        params = {"file": file, "reason": facts.reason or ""}
        return (vocabulary.finding(code, params, here, actual=facts.reason),)
    found: list[Finding] = []
    if not UNREADABLE_FLAGS.isdisjoint(facts.flags):
        found.append(vocabulary.finding("POE_UNREADABLE", {"file": file}, here))
    elif NO_OCR in facts.flags:
        found.append(vocabulary.finding("READ_NO_OCR", {"file": file}, here))
    signs = sorted({SIGNS[flag] for flag in facts.flags if flag in SIGNS})
    found += [vocabulary.finding(code, {"file": file}, here) for code in signs]
    found += [
        _ambiguous(name, fact, facts.sha256, file, vocabulary)
        for name, fact in facts.facts.items()
        if fact.ambiguous and len(fact.alternatives) > 1
    ]
    found += [
        _mismatch(flag.removeprefix(HYBRID_MISMATCH), facts, file, vocabulary)
        for flag in facts.flags
        if flag.startswith(HYBRID_MISMATCH)
    ]
    found += [
        vocabulary.finding("INV_RULE", {"rule": rule}, here, subject=rule) for rule in facts.rules_broken
    ]
    return tuple(found)


def place_of(fact: Fact, sha256: str, file: str) -> Evidence:
    """Where a fact was read."""
    return Evidence(
        document_sha256=sha256,
        file=file,
        page=fact.page,
        box=fact.box,
        text=fact.raw,
        method=fact.method,
        confidence=fact.confidence,
    )


def _ambiguous(name: str, fact: Fact, sha256: str, file: str, vocabulary: Vocabulary) -> Finding:
    first, second = fact.alternatives[:2]
    params = {"text": fact.raw, "a": first, "b": second}
    code = "DATE_AMBIGUOUS" if name.endswith(("date", "start", "end")) else "AMOUNT_AMBIGUOUS"
    return vocabulary.finding(code, params, (place_of(fact, sha256, file),), actual=fact.raw)


def _mismatch(field: str, facts: DocumentFacts, file: str, vocabulary: Vocabulary) -> Finding:
    """The page and the embedded e-invoice differ: both places, the XML's value expected, the page's read."""
    inside, page = facts.facts.get(field), facts.facts.get(f"page.{field}")
    places = tuple(place_of(fact, facts.sha256, file) for fact in (page, inside) if fact is not None)
    stated = inside.value if inside else None
    read = page.value if page else None
    params = {"field": vocabulary.field(field), "page": read or "", "xml": stated or ""}
    return vocabulary.finding("INV_HYBRID_MISMATCH", params, places, expected=stated, actual=read)
