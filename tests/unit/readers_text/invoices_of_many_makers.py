"""Invoices as billing programs, hotels and carriers lay them out, made up for tests."""

from __future__ import annotations

from tests.unit.readers_text.invoices_in_languages import Written

MAKERS: dict[str, Written] = {
    "dot_leaders": Written(
        """
Invoice
Invoice number..............3698712345
Invoice date................30 Sep 2019
Billing ID..................1234-5678-9012
Total in EUR     €1,234.56
Due 30 Oct 2019
Summary for 1 Sep 2019 - 30 Sep 2019
Subtotal in EUR..............€1,234.56
VAT (0%).....................€0.00
Total in EUR.................€1,234.56
""",
        {
            "invoice_number": "3698712345",
            "issue_date": "2019-09-30",
            "total_gross": "1234.56",
            "currency": "EUR",
            "service_period_start": "2019-09-01",
            "service_period_end": "2019-09-30",
        },
    ),
    "card_processor": Written(
        """
Invoice
Invoice number   ABCD1234-0001
Date of issue    September 3, 2019
Date due         October 3, 2019
$1,200.00 due October 3, 2019
Subtotal          $1,200.00
Total             $1,200.00
Amount due        $1,200.00 USD
""",
        {
            "invoice_number": "ABCD1234-0001",
            "issue_date": "2019-09-03",
            "due_date": "2019-10-03",
            "total_gross": "1200.00",
            "currency": "USD",
        },
    ),
    "small_business_program": Written(
        """
Blue Sky Marketing
INVOICE

BILL TO                     INVOICE #   1001
Partner Inc                 DATE        09/13/2019
                            DUE DATE    10/13/2019
                            TERMS       Net 30
DESCRIPTION          QTY     RATE     AMOUNT
Ads                    1   500.00     500.00
                     BALANCE DUE     $500.00
""",
        {
            "invoice_number": "1001",
            "issue_date": "2019-09-13",
            "total_gross": "500.00",
            "currency": "USD",
            "buyer_name": "Partner Inc",
        },
    ),
    "accounting_program": Written(
        """
TAX INVOICE
                Invoice Date        Sydney Promo Pty Ltd
Partner Co      3 Sep 2019          ABN 11 222 333 444
                Invoice Number
                INV-0042
                Reference
                PO 7781
Description     Quantity   Unit Price   GST   Amount AUD
Booth               1.00       100.00   10%       100.00
                                 Subtotal         100.00
                           TOTAL GST  10%          10.00
                               TOTAL AUD          110.00
Due Date: 17 Sep 2019
""",
        {
            "invoice_number": "INV-0042",
            "issue_date": "2019-09-03",
            "total_gross": "110.00",
            "total_tax": "10.00",
            "currency": "AUD",
        },
    ),
    "number_and_date_in_one_field": Written(
        """
Industrie AG
Rechnung
Nummer/Datum             90012345 / 03.09.2019
Bestellnummer/-datum     4500012 / 20.08.2019
Kundennummer             100200
Summe Positionen         1.000,00
Mehrwertsteuer 19,000 %    190,00
Endbetrag   EUR          1.190,00
""",
        {"invoice_number": "90012345", "issue_date": "2019-09-03", "total_gross": "1190.00"},
    ),
    "number_and_date_named": Written(
        """
Industrie AG
Rechnungsnummer/Datum    90012345 / 03.09.2019
Summe Positionen         1.000,00
Mehrwertsteuer 19,000 %    190,00
Endbetrag   EUR          1.190,00
""",
        {"invoice_number": "90012345", "issue_date": "2019-09-03", "total_gross": "1190.00"},
    ),
    "inv_no_date": Written(
        """
Ads Ltd
Invoice No. / Date: 5512 / 2019-09-03
Total GBP 10.00
""",
        {"invoice_number": "5512", "issue_date": "2019-09-03", "total_gross": "10.00"},
    ),
    "hotel": Written(
        """
Grand Hotel
Folio No. 88123                Invoice No. H-2019-771
Arrival 01-09-2019   Departure 03-09-2019
Invoice date 03-09-2019
Room           300.00
VAT 10%         30.00
Total          330.00 EUR
Credit card   -330.00
Balance          0.00
""",
        {"invoice_number": "H-2019-771", "total_gross": "330.00"},
    ),
    "telecom": Written(
        """
Mobilfunk AG
Ihre Rechnung vom 03.09.2019
Rechnungsnummer 123456789012
Kundenkonto 5555
Abrechnungszeitraum 01.08.2019 bis 31.08.2019
Grundpreis            20,00
Summe netto           20,00
19% MwSt               3,80
Zu zahlender Betrag   23,80 EUR
Der Betrag wird am 10.09.2019 abgebucht.
""",
        {
            "invoice_number": "123456789012",
            "issue_date": "2019-09-03",
            "total_gross": "23.80",
            "total_tax": "3.80",
        },
    ),
    "fr_tel": Written(
        """
Opérateur SA
Votre facture du 3 septembre 2019
N° de facture : 77 881 223
N° client : 112
Total de la facture HT    20,00 €
TVA à 20 %                 4,00 €
Total de la facture TTC   24,00 €
Montant prélevé le 15/09/2019 : 24,00 €
""",
        {"issue_date": "2019-09-03", "total_gross": "24.00", "total_net": "20.00", "total_tax": "4.00"},
    ),
    "nl2": Written(
        """
FACTUUR                        Factuurnr: 2019.0455
                               Datum: 3 september 2019
Klantnr: 18
Subtotaal             € 100,00
21% btw over € 100,00  € 21,00
Te betalen            € 121,00
Gelieve te betalen voor 17-09-2019
""",
        {
            "invoice_number": "2019.0455",
            "issue_date": "2019-09-03",
            "total_gross": "121.00",
            "total_tax": "21.00",
            "currency": "EUR",
        },
    ),
    "sv_bg": Written(
        """
Faktura
Fakturadatum       Fakturanummer     OCR
2019-09-03         77123             771230019
Netto        Moms %    Moms       Öresutj.    Summa SEK
8 000,00     25        2 000,00   0,00        10 000,00
Förfallodag 2019-10-03 Dröjsmålsränta 8%
""",
        {"invoice_number": "77123", "issue_date": "2019-09-03", "total_gross": "10000.00", "currency": "SEK"},
    ),
    "negative": Written(
        """
Credit Note CN-100
Date: 2019-09-03
Original invoice: INV-50
Net      -50.00
VAT      -10.00
Total    -60.00 GBP
""",
        {"invoice_number": "CN-100", "total_gross": "60.00", "document_type": "credit note"},
    ),
    "no_label_total": Written(
        """
Cafe
Receipt
03/09/2019 12:30
Coffee   3.00
""",
        {"total_gross": None},
    ),
    "percent_total": Written(
        """
Foo BV
Factuurnummer: 1234
Factuurdatum: 1-9-2019
Totaal excl BTW      € 1.000,-
BTW 21%              €   210,-
Totaal incl BTW      € 1.210,-
""",
        {"invoice_number": "1234", "total_gross": "1210", "issue_date": "2019-09-01"},
    ),
    "terms_date": Written(
        """
Alpha Ltd
Invoice: A-9001   Date: 30 June 2019
Payment within 30 days from invoice date. Total amount of EUR 500.00 is due by 30 July 2019.
Services June 2019     500.00
Total due              500.00
""",
        {"invoice_number": "A-9001", "issue_date": "2019-06-30", "total_gross": "500.00"},
    ),
    "po_only": Written(
        """
Beta Inc
Purchase order: PO-7781
Order date: 2019-08-01
Invoice total: USD 100.00
""",
        {"invoice_number": None, "issue_date": None, "total_gross": "100.00"},
    ),
    "vat_table": Written(
        """
Gamma NV
Factuur 20190771       Datum 03/09/2019      BTW BE 0123.456.789
BTW-code   Maatstaf   %     BTW
A          100,00     21    21,00
B           50,00      6     3,00
Totaal     150,00           24,00
Te betalen EUR  174,00
""",
        {"invoice_number": "20190771", "issue_date": "2019-09-03", "total_gross": "174.00"},
    ),
    "total_ex_and_inc_same_word": Written(
        """
Delta Srl
Fattura n° 15/A del 3 settembre 2019
Totale          100,00
IVA 22%          22,00
Totale          122,00 €
""",
        {
            "invoice_number": "15/A",
            "issue_date": "2019-09-03",
            "total_gross": "122.00",
            "total_net": "100.00",
        },
    ),
}
