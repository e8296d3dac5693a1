"""The words of the report around the findings, in the three languages of the product."""

from schemas.findings import Severity, Texts


def _texts(en: str, sv: str, fr: str) -> Texts:
    return Texts(en=en, sv=sv, fr=fr)


WORDS: dict[str, Texts] = {
    "title": _texts("Claim check", "Kontroll av anspråk", "Contrôle de la demande"),
    "language": _texts("Language", "Språk", "Langue"),
    "ready": _texts("Ready to submit", "Klart att skicka", "Prête à envoyer"),
    "ready_with_remarks": _texts("Ready to submit, with remarks", "Klart att skicka, med anmärkningar", "Prête à envoyer, avec remarques"),
    "mend": _texts("Mend this first", "Åtgärda detta först", "À corriger d’abord"),
    "blocked": _texts("This would be stopped", "Detta skulle stoppas", "Cette demande serait bloquée"),
    "late": _texts("Too late to claim", "För sent för anspråk", "Trop tard pour demander"),
    "payable": _texts("Payable", "Kan betalas ut", "Montant payable"),
    "payable_when_mended": _texts("Payable once mended", "Kan betalas ut efter åtgärd", "Montant payable une fois corrigée"),
    "claimed": _texts("Claimed", "Begärt", "Demandé"),
    "forecast": _texts("A forecast: limits and funds are settled when the claim is booked.", "En prognos: gränser och medel avgörs när anspråket bokförs.", "Une prévision : plafonds et fonds sont arrêtés à l’enregistrement de la demande."),
    "deadline": _texts("Claim by", "Sista anspråksdag", "À demander avant"),
    "deadline_unknown": _texts("Counts from the payment", "Räknas från betalningen", "Court à partir du paiement"),
    "days_left": _texts("days left", "dagar kvar", "jours restants"),
    "last_day": _texts("today is the last day", "i dag är sista dagen", "c’est le dernier jour"),
    "closed": _texts("the window has closed", "perioden är stängd", "la période est close"),
    "utc": _texts("in UTC", "i UTC", "en UTC"),
    "findings": _texts("What we found", "Det vi hittade", "Ce que nous avons trouvé"),
    "nothing_found": _texts("Nothing to mend.", "Inget att åtgärda.", "Rien à corriger."),
    "notes": _texts("Good to know", "Bra att veta", "Bon à savoir"),
    "how_to_mend": _texts("What to do", "Gör så här", "Que faire"),
    "rule": _texts("Rule", "Regel", "Règle"),
    "expected": _texts("Expected", "Väntat", "Attendu"),
    "found": _texts("Found", "Hittat", "Trouvé"),
    "pages": _texts("On the pages", "På sidorna", "Sur les pages"),
    "page": _texts("page", "sida", "page"),
    "place": _texts("Place", "Ställe", "Emplacement"),
    "read_places": _texts("Thin outlines are values that were read; numbered ones belong to a finding.", "Tunna ramar är lästa värden; numrerade hör till en anmärkning.", "Les cadres fins sont des valeurs lues ; les cadres numérotés renvoient à une remarque."),
    "values": _texts("What was read", "Det som lästes", "Ce qui a été lu"),
    "value": _texts("Value", "Värde", "Valeur"),
    "field": _texts("Field", "Fält", "Champ"),
    "confidence": _texts("Confidence", "Säkerhet", "Confiance"),
    "read_as": _texts("Read from", "Läst ur", "Lu dans"),
    "document": _texts("Document", "Dokument", "Document"),
    "checklist": _texts("Documents this activity needs", "Dokument som aktiviteten kräver", "Documents que l’activité exige"),
    "there": _texts("There", "Finns", "Présent"),
    "missing": _texts("Missing", "Saknas", "Manquant"),
    "or": _texts("or", "eller", "ou"),
    "cuts": _texts("Taken off", "Avdrag", "Déductions"),
    "left": _texts("Left", "Återstår", "Reste"),
    "activity": _texts("Activity", "Aktivitet", "Activité"),
    "program": _texts("Program", "Program", "Programme"),
    "usage_period": _texts("Usage period", "Användningsperiod", "Période d’utilisation"),
    "partner": _texts("Partner", "Partner", "Partenaire"),
    "judged_by": _texts("Judged by", "Bedömt enligt", "Jugée selon"),
    "checked_at": _texts("Checked", "Kontrollerat", "Contrôlée"),
    "not_stored": _texts("Nothing was stored or sent.", "Inget har sparats eller skickats.", "Rien n’a été enregistré ni envoyé."),
    "ambiguous": _texts("can be read in several ways", "kan läsas på flera sätt", "lecture multiple possible"),
    "picture_failed": _texts("This page cannot be shown.", "Sidan kan inte visas.", "Cette page ne peut pas être affichée."),
    "skip": _texts("To the findings", "Till anmärkningarna", "Aller aux remarques"),
}  # fmt: skip

SEVERITIES: dict[Severity, tuple[str, Texts]] = {
    Severity.ERROR: ("✕", _texts("Blocks", "Stoppar", "Bloquant")),
    Severity.ACTION: ("!", _texts("Mend", "Åtgärda", "À corriger")),
    Severity.WARN: ("▲", _texts("Warning", "Varning", "Attention")),
    Severity.INFO: ("i", _texts("Note", "Notera", "Note")),
}
"""Each severity as a sign and a word; the color is only a third way to say it."""

METHODS: dict[str, Texts] = {
    "xml": _texts("e-invoice data", "e-fakturans data", "données de la facture électronique"),
    "pdf_text": _texts("text of the page", "sidans text", "texte de la page"),
    "ocr": _texts("recognized picture text", "igenkänd bildtext", "texte reconnu d’image"),
    "manual": _texts("typed by the partner", "angivet av partnern", "saisi par le partenaire"),
    "metadata": _texts("the file's own data", "filens egna data", "données du fichier"),
}
