"""Invoices of single trades: a taxi, an energy company, builders, made up for tests."""

from __future__ import annotations

from tests.unit.readers_text.invoices_in_languages import Written

TRADES: dict[str, Written] = {
    "french_two_rates": Written(
        """
Moulin Exemple SARL
TVA : FR11999999998 - SIRET : 99999999800010
Facture FA-2017-3312
Adresse de livraison                     Boutique Demo
Date de facture      13/11/2017          Contact commercial
Conditions           30 jours
Date d'échéance      13/12/2017
Votre référence      PO445
Description             Quantité    Prix unit.    HT
Nougat                  20 Unité(s)   4,55 €     91,00 €
Taxe          Base       Montant         Total HT      624,90 €
TVA 20,0%     178,38 €    35,68 €        Total taxes    46,25 €
TVA 5,5%      446,52 €    10,57 €        Total TTC     671,15 €
                                         Acompte      -201,00 €
                                         Reste à payer  470,15 €
""",
        {
            "invoice_number": "FA-2017-3312",
            "issue_date": "2017-11-13",
            "due_date": "2017-12-13",
            "total_gross": "671.15",
            "total_tax": "46.25",
            "total_net": "624.90",
            "currency": "EUR",
        },
    ),
    "taxi": Written(
        """
Taxi Beispiel GmbH
Hauptstraße 1, 10999 Berlin
Fahrgast AG
RECHNUNG
Nummer              TX-5501
Datum               30.10.2019
Leistungsdatum      29.10.2019
Pos Bezeichnung            Preis   Menge   Gesamt  USt
1   Transportservice       16,90       1    16,90   7%
Netto                                 16,90
USt 7% auf 16,90                       1,18
Brutto                                18,08
Bar bezahlt                           18,08 EUR
""",
        {
            "invoice_number": "TX-5501",
            "issue_date": "2019-10-30",
            "total_gross": "18.08",
            "total_tax": "1.18",
        },
    ),
    "final_invoice_of_a_project": Written(
        """
Bauprojekt GmbH
Projektabschlussrechnung                     Rechnungsnummer: 5501188
                                             Rechnungsdatum: 31.10.2018
Gesamtleistung netto                     10.000,00
abzüglich Abschlagsrechnungen             5.000,00
Summe netto                               5.000,00
Umsatzsteuer 19,00%                         950,00
Rechnungsbetrag brutto                    5.950,00 EUR
""",
        {
            "invoice_number": "5501188",
            "issue_date": "2018-10-31",
            "total_gross": "5950.00",
            "total_tax": "950.00",
            "currency": "EUR",
        },
    ),
    "abbreviated_labels": Written(
        """
Wartungsrechnung
Rg.-Nr.   W-2019/33      Rg.-Datum   04.03.19
Zwischensumme (netto)          200,00 €
Umsatzsteuer 19 %               38,00 €
Gesamtbetrag                   238,00 €
""",
        {"invoice_number": "W-2019/33", "issue_date": "2019-03-04", "total_gross": "238.00"},
    ),
    "number_within_a_line": Written(
        """
Ihre Rechnung Nr. 4451 - Ihr Auftrag 99
Berlin, 4. März 2019
Gesamt: 238,00 Euro
""",
        {"invoice_number": "4451", "issue_date": "2019-03-04", "total_gross": "238.00", "currency": "EUR"},
    ),
    "english_with_points_in_dates": Written(
        """
Acme Sellers Corp.
INVOICE No 20131122-7
Issued: 22.11.2013
Item   Qty  Price  Amount
X        1  100.00 100.00
Net amount 100.00
VAT 20.00% 20.00
Gross amount 120.00 EUR
""",
        {"invoice_number": "20131122-7", "issue_date": "2013-11-22", "total_gross": "120.00"},
    ),
    "austrian": Written(
        """
Firma Wien GmbH   UID ATU12345678
RECHNUNG 2019-17      Wien, am 4.3.2019
Summe exkl. USt          100,00
20% USt                   20,00
Summe inkl. USt          120,00
Beträge in EUR
""",
        {
            "invoice_number": "2019-17",
            "issue_date": "2019-03-04",
            "total_gross": "120.00",
            "vendor_tax_id": "ATU12345678",
        },
    ),
    "energy_with_credit": Written(
        """
Energie GmbH
Rechnung zum Vertrag 8871
Rechnungsnr.: 700123    Rechnungsdatum: 04.03.2019   Vertragskonto: 20881
Verbrauch 1.234 kWh
Nettobetrag     300,00 EUR
19 % USt         57,00 EUR
Bruttobetrag    357,00 EUR
abzgl. geleistete Abschläge  -400,00 EUR
Guthaben        -43,00 EUR
""",
        {
            "invoice_number": "700123",
            "issue_date": "2019-03-04",
            "total_gross": "357.00",
            "total_net": "300.00",
        },
    ),
    "totals_on_one_line": Written(
        """
Ads Oy
LASKU 5512  3.9.2019
Veroton 100,00 ALV 24,00 Yhteensä 124,00 EUR
""",
        {"invoice_number": "5512", "issue_date": "2019-09-03", "total_gross": "124.00"},
    ),
}
