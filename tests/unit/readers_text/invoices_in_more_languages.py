"""More invoices as vendors of many languages write them, made up for tests."""

from __future__ import annotations

from tests.unit.readers_text.invoices_in_languages import Written

MORE_LANGUAGES: dict[str, Written] = {
    "german_two_pages_carried_forward": Written(
        """
Messebau Müller GmbH                              Seite 1 von 2
RECHNUNG
Rechnungs-Nr.: MM-4410          Auftrags-Nr.: A-1    Kunden-Nr.: 77
Datum: 03.09.2019               Lieferdatum: 01.09.2019
Pos  Beschreibung               Menge   Einzelpreis    Gesamtpreis
1    Standbau                      1      9.000,00       9.000,00
2    Beleuchtung                   4        250,00       1.000,00
Übertrag                                                10.000,00
\f
Messebau Müller GmbH                              Seite 2 von 2
Übertrag                                                10.000,00
3    Teppich                      50         20,00       1.000,00
Nettosumme                                              11.000,00
zzgl. 19 % MwSt.                                         2.090,00
Gesamtbetrag                                            13.090,00 EUR
Zahlbar bis 03.10.2019 ohne Abzug
Stand: 01.01.2019  Version 3.2
""",
        {
            "invoice_number": "MM-4410",
            "issue_date": "2019-09-03",
            "total_gross": "13090.00",
            "total_net": "11000.00",
            "total_tax": "2090.00",
            "currency": "EUR",
            "due_date": "2019-10-03",
        },
    ),
    "swiss": Written(
        """
Werbe AG Zürich        CHE-123.456.789 MWST
Rechnung 2019-0815                          Zürich, 3. September 2019
Leistung                                   CHF
Inserat                               1'250.00
MWST 7.7%                                96.25
Total CHF inkl. MWST                  1'346.25
""",
        {
            "invoice_number": "2019-0815",
            "issue_date": "2019-09-03",
            "total_gross": "1346.25",
            "currency": "CHF",
        },
    ),
    "indian": Written(
        """
Sunrise Media Pvt Ltd      GSTIN: 29ABCDE1234F1Z5
TAX INVOICE
Invoice No: SM/19-20/0456       Dated: 03-Sep-2019
Taxable Value                1,00,000.00
CGST 9%                          9,000.00
SGST 9%                          9,000.00
Grand Total                  ₹ 1,18,000.00
""",
        {
            "invoice_number": "SM/19-20/0456",
            "issue_date": "2019-09-03",
            "total_gross": "118000.00",
            "currency": "INR",
        },
    ),
    "amount_with_two_points": Written(
        """
Firma Test
Invoice No: T-9
Date: 2019-09-03
Total     9.999.99 EUR
""",
        {"invoice_number": "T-9", "issue_date": "2019-09-03", "total_gross": None, "currency": "EUR"},
    ),
    "amount_with_one_point": Written(
        """
Firma Test
Invoice No: T-10
Date: 2019-09-03
Total     1.234 EUR
""",
        {"invoice_number": "T-10", "total_gross": None, "currency": "EUR"},
    ),
    "two_totals_alike": Written(
        """
Foo Ltd
Invoice No: 88123     Date: 3 Sep 2019
Total    100.00 GBP
Bar
Total    250.00 GBP
""",
        {"invoice_number": "88123", "issue_date": "2019-09-03", "total_gross": None},
    ),
    "japanese_yen": Written(
        """
Tokyo Ads KK
Invoice No. J-5510     Issue date: 2019/09/03
Media buy        1   500,000
Subtotal             500,000
Tax 10%               50,000
Total              JPY 550,000
""",
        {"invoice_number": "J-5510", "issue_date": "2019-09-03", "total_gross": "550000", "currency": "JPY"},
    ),
    "canadian": Written(
        """
Maple Promo Inc.  Toronto, ON, Canada
Invoice: MP-777         Date: September 3, 2019
Booth graphics            $1,000.00
GST/HST 13%                 $130.00
Total Due (CAD)           $1,130.00
""",
        {"invoice_number": "MP-777", "issue_date": "2019-09-03", "total_gross": "1130.00", "currency": "CAD"},
    ),
    "german_header_row": Written(
        """
AdWorks GmbH
Rechnungsnummer     Rechnungsdatum     Kundennummer
R-2019-77           03.09.2019         K-1001
Leistungszeitraum 01.08.2019 - 31.08.2019
Gesamt netto   2.000,00 €
USt 19 %         380,00 €
Rechnungsbetrag 2.380,00 €
Bei Zahlung bis 13.09.2019 2 % Skonto: 2.332,40 €
""",
        {
            "invoice_number": "R-2019-77",
            "issue_date": "2019-09-03",
            "total_gross": "2380.00",
            "currency": "EUR",
            "service_period_start": "2019-08-01",
            "service_period_end": "2019-08-31",
        },
    ),
    "columns_net_tax_gross": Written(
        """
Invoice 5001-A                                   3 Sept 2019
                      Net        VAT       Gross
Design             1,000.00    200.00    1,200.00
Print                500.00    100.00      600.00
Total              1,500.00    300.00    1,800.00   GBP
""",
        {
            "invoice_number": "5001-A",
            "issue_date": "2019-09-03",
            "total_gross": "1800.00",
            "total_net": "1500.00",
            "total_tax": "300.00",
            "currency": "GBP",
        },
    ),
    "american_header_row": Written(
        """
ACME CO                    Amount Due: $540.00
Invoice Number             Invoice Date          Due Date
0001234                    Sep 3, 2019           Oct 3, 2019
Item A     500.00
Tax         40.00
Total      540.00
Thank you for your business. Please include invoice number 0001234 with your check.
""",
        {"invoice_number": "0001234", "issue_date": "2019-09-03", "total_gross": "540.00", "currency": "USD"},
    ),
    "french_discount": Written(
        """
Shop SARL
Facture no 2019-55    Date : 03/09/2019   Commande no 8855
Sous-total HT             1 000,00
Remise 10 %                -100,00
Frais de port                20,00
Total HT                    920,00
TVA 20,00 %                 184,00
Total TTC                 1 104,00 EUR
""",
        {
            "invoice_number": "2019-55",
            "issue_date": "2019-09-03",
            "total_gross": "1104.00",
            "total_net": "920.00",
            "total_tax": "184.00",
            "currency": "EUR",
        },
    ),
    "german_credit_note": Written(
        """
Foo GmbH
GUTSCHRIFT Nr. GS-100 vom 03.09.2019 zu Rechnung RE-555 vom 01.08.2019
Nettobetrag   -100,00 EUR
MwSt 19%       -19,00 EUR
Gesamtbetrag  -119,00 EUR
""",
        {
            "invoice_number": "GS-100",
            "issue_date": "2019-09-03",
            "total_gross": "119.00",
            "currency": "EUR",
            "document_type": "credit note",
        },
    ),
    "proforma": Written(
        """
PROFORMA INVOICE  PF-33      Date 2019-09-03
Total USD 400.00
""",
        {"document_type": "proforma", "total_gross": "400.00"},
    ),
    "reverse_charge": Written(
        """
Consulting Services BV
Invoice INV2019.0099
Invoice date 03-09-2019, payable before 17-09-2019
Consultancy 40 hrs x 100.00 = 4,000.00
Amount excluding VAT 4,000.00
VAT reverse charged 0.00
Amount including VAT EUR 4,000.00
""",
        {"invoice_number": "INV2019.0099", "total_gross": "4000.00", "currency": "EUR"},
    ),
}
