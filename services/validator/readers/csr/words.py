"""The words of the report form in its three languages, shared by the drawing and the reading of it."""

from dataclasses import dataclass
from decimal import Decimal

from schemas.csr import CsrSignature

CERTIFICATION = {
    "en": "I certify that the work described above was done, that the costs are actual, are not marked up, "
    "and are not reimbursed from any other source.",
    "sv": "Jag intygar att arbetet ovan har utförts, att kostnaderna är faktiska och utan påslag, "
    "och att de inte ersätts från annat håll.",
    "fr": "Je certifie que le travail décrit ci-dessus a été effectué, que les coûts sont réels, sans majoration, "
    "et qu’ils ne sont remboursés par aucune autre source.",
}

TITLES = {
    "en": "Certification Service Report",
    "sv": "Tjänsterapport (CSR)",
    "fr": "Rapport de service (CSR)",
}

# Other names under which the same form is known (C16); a title is enough to recognize the kind and the language.
OTHER_TITLES = {
    "en": ("Certification Statement and Report",),
    "sv": ("Certifieringstjänstrapport",),
    "fr": ("Rapport du service de certification",),
}

HEADER = (
    "partner_name", "partner_id", "location", "claim_number", "activity_type",
    "activity_start", "activity_end", "description_of_work", "currency",
)  # fmt: skip
TOTALS = ("total_labour", "total_other", "total")
STATEMENT = ("certification_text", "signer_name", "signer_title", "signature", "signed_on")
ROW_COLUMNS = ("person_or_role", "task", "work_date_from", "work_date_to", "hours", "hourly_rate", "amount")
OTHER_COLUMNS = ("cost_kind", "receipt", "amount")

DATES = frozenset({"activity_start", "activity_end", "signed_on", "work_date_from", "work_date_to"})
AMOUNTS = frozenset({"hours", "hourly_rate", "amount", *TOTALS})


@dataclass(frozen=True)
class Words:
    """The labels of one language. Labels of fields are distinct, so a label names its field."""

    language: str
    fields: dict[str, str]
    sections: dict[str, str]
    row_columns: tuple[str, ...]
    other_columns: tuple[str, ...]
    cost_kinds: dict[str, str]
    nothing: str
    signed_electronically: str
    page: str
    grouping: str
    decimal_mark: str


WORDS = {
    "en": Words(
        language="en",
        fields={
            "partner_name": "Partner name",
            "partner_id": "Partner ID",
            "location": "Location",
            "claim_number": "Claim number",
            "activity_type": "Activity type",
            "activity_start": "Activity start",
            "activity_end": "Activity end",
            "description_of_work": "Description of work",
            "currency": "Currency",
            "total_labour": "Total labor",
            "total_other": "Total other costs",
            "total": "Total",
            "certification_text": "Statement",
            "signer_name": "Name of signer",
            "signer_title": "Title of signer",
            "signature": "Signature",
            "signed_on": "Signed on",
        },
        sections={
            "header": "Activity",
            "rows": "Work done by own staff",
            "other_costs": "Other costs",
            "totals": "Totals",
            "statement": "Certification",
        },
        row_columns=("Person or role", "Task", "From", "To", "Hours", "Hourly rate", "Amount"),
        other_columns=("Kind of cost", "Receipt", "Amount"),
        cost_kinds={
            "materials": "Materials",
            "postage": "Postage",
            "licence": "License",
            "travel": "Travel",
            "other": "Other",
        },
        nothing="None",
        signed_electronically="Signed electronically by",
        page="Page {n} of {count}",
        grouping=",",
        decimal_mark=".",
    ),
    "sv": Words(
        language="sv",
        fields={
            "partner_name": "Partnerns namn",
            "partner_id": "Partner-id",
            "location": "Plats",
            "claim_number": "Anspråkets nummer",
            "activity_type": "Aktivitetstyp",
            "activity_start": "Aktivitetens start",
            "activity_end": "Aktivitetens slut",
            "description_of_work": "Beskrivning av arbetet",
            "currency": "Valuta",
            "total_labour": "Summa arbete",
            "total_other": "Summa övriga kostnader",
            "total": "Totalsumma",
            "certification_text": "Försäkran",
            "signer_name": "Undertecknarens namn",
            "signer_title": "Undertecknarens titel",
            "signature": "Underskrift",
            "signed_on": "Undertecknad den",
        },
        sections={
            "header": "Aktivitet",
            "rows": "Arbete utfört av egen personal",
            "other_costs": "Övriga kostnader",
            "totals": "Summor",
            "statement": "Intygande",
        },
        row_columns=("Person eller roll", "Uppgift", "Från", "Till", "Timmar", "Timpris", "Belopp"),
        other_columns=("Typ av kostnad", "Kvitto", "Belopp"),
        cost_kinds={
            "materials": "Material",
            "postage": "Porto",
            "licence": "Licens",
            "travel": "Resa",
            "other": "Övrigt",
        },
        nothing="Inga",
        signed_electronically="Elektroniskt undertecknad av",
        page="Sida {n} av {count}",
        grouping="\N{NO-BREAK SPACE}",
        decimal_mark=",",
    ),
    "fr": Words(
        language="fr",
        fields={
            "partner_name": "Nom du partenaire",
            "partner_id": "Identifiant du partenaire",
            "location": "Site",
            "claim_number": "Numéro de la demande",
            "activity_type": "Type d’activité",
            "activity_start": "Début de l’activité",
            "activity_end": "Fin de l’activité",
            "description_of_work": "Description du travail",
            "currency": "Devise",
            "total_labour": "Total du travail",
            "total_other": "Total des autres coûts",
            "total": "Total général",
            "certification_text": "Déclaration",
            "signer_name": "Nom du signataire",
            "signer_title": "Fonction du signataire",
            "signature": "Signature",
            "signed_on": "Signé le",
        },
        sections={
            "header": "Activité",
            "rows": "Travail effectué par le personnel",
            "other_costs": "Autres coûts",
            "totals": "Totaux",
            "statement": "Certification",
        },
        row_columns=("Personne ou rôle", "Tâche", "Du", "Au", "Heures", "Taux horaire", "Montant"),
        other_columns=("Type de coût", "Justificatif", "Montant"),
        cost_kinds={
            "materials": "Matériel",
            "postage": "Affranchissement",
            "licence": "Licence",
            "travel": "Déplacement",
            "other": "Autre",
        },
        nothing="Aucun",
        signed_electronically="Signé électroniquement par",
        page="Page {n} sur {count}",
        grouping="\N{NO-BREAK SPACE}",
        decimal_mark=",",
    ),
}


def printed_number(decimal_text: str, words: Words) -> str:
    """Return a decimal text as the language writes it: "1250.00" is "1,250.00" or "1 250,00"."""
    grouped = f"{Decimal(decimal_text):,f}"
    return grouped.translate({ord(","): words.grouping, ord("."): words.decimal_mark})


def printed_signature(signature: CsrSignature, words: Words) -> str:
    """Return the line that stands for a typed signature: who, when, and the login event that makes it good."""
    signed_at = signature.signed_at.strftime("%Y-%m-%d %H:%M:%S %z")
    return f"{words.signed_electronically} {signature.name}, {signed_at}, {signature.login_event}"
