"""Invoices with values that are easily taken for others, made up for tests."""

from __future__ import annotations

from tests.unit.readers_text.invoices_in_languages import Written

DECOYS: dict[str, Written] = {
    "line_dates": Written(
        """
FREELANCE DESIGN STUDIO
Invoice 1044
Date          Description               Hours     Rate      Amount
03/09/2019    Wireframes                 4.0     50.00      200.00
17/09/2019    Mockups                    6.0     50.00      300.00
                                                 Total      500.00 EUR
""",
        {"invoice_number": "1044", "issue_date": None, "total_gross": "500.00"},
    ),
    "line_dates2": Written(
        """
FREELANCE DESIGN STUDIO
Invoice No. 1044                              Invoice date 30/09/2019
Date          Description               Hours     Rate      Amount
03/09/2019    Wireframes                 4.0     50.00      200.00
17/09/2019    Mockups                    6.0     50.00      300.00
                                                 Total      500.00 EUR
""",
        {"invoice_number": "1044", "issue_date": "2019-09-30", "total_gross": "500.00"},
    ),
    "one_line_labels": Written(
        """
Agentur AG
Rechnungsnummer: R77-1 Rechnungsdatum: 3.9.2019 Lieferdatum: 1.9.2019 Kundennummer: 5
Summe netto        100,00
MwSt 7%              2,10
MwSt 19%            13,30
Summe brutto       115,40 EUR
""",
        {
            "invoice_number": "R77-1",
            "issue_date": "2019-09-03",
            "total_gross": "115.40",
            "total_net": "100.00",
            "total_tax": "15.40",
        },
    ),
    "fr_cols": Written(
        """
PUB SERVICES SAS
Facture N° 000123                 Date : 3/9/2019
Total H.T.       T.V.A. 20%       Total T.T.C.       Net à payer
1 000,00 €       200,00 €         1 200,00 €         1 200,00 €
""",
        {
            "invoice_number": "000123",
            "issue_date": "2019-09-03",
            "total_gross": "1200.00",
            "total_net": "1000.00",
            "total_tax": "200.00",
            "currency": "EUR",
        },
    ),
    "paid": Written(
        """
Hosting Inc
Invoice #INV-9912          Issued: Sep 3, 2019
Plan Pro       100.00
Subtotal      $100.00
Tax             $0.00
Total         $100.00
Amount paid  -$100.00
Balance due     $0.00
""",
        {
            "invoice_number": "INV-9912",
            "issue_date": "2019-09-03",
            "total_gross": "100.00",
            "currency": "USD",
        },
    ),
    "disc_after": Written(
        """
Promo Co
Invoice number: 5561   Invoice date: 2019-09-03
Total            1,000.00
Discount 10%      -100.00
Grand total  USD   900.00
""",
        {"invoice_number": "5561", "total_gross": "900.00", "currency": "USD"},
    ),
    "us_int": Written(
        """
Media Partners LLC
INVOICE NO. 300         DATE 9/13/2019
Billboard             $1,234
TOTAL                 $1,234
""",
        {"invoice_number": "300", "issue_date": "2019-09-13", "total_gross": None},
    ),
    "sv3": Written(
        """
Eventbolaget AB         Org nr 556000-1111
Faktura
Fakturanr 10087   Fakturadatum 20190903   Förfallodatum 20191003
Totalt exkl moms     8 000,00
Moms 25%             2 000,00
Totalt inkl moms    10 000,00
Belopp att betala   10 000,00 SEK
""",
        {"invoice_number": "10087", "issue_date": "2019-09-03", "total_gross": "10000.00", "currency": "SEK"},
    ),
    "two_cur": Written(
        """
Global Ads Ltd
Invoice No: GA-5   Invoice date: 3 September 2019
Total EUR 100.00 (USD 110.00)
""",
        {"invoice_number": "GA-5", "issue_date": "2019-09-03"},
    ),
    "darin": Written(
        """
Druck & Co KG
Rechnung Nr. 2019/44, Datum: 03.09.2019
Rechnungsbetrag                        1.190,00 EUR
darin enthalten 19% MwSt.                190,00 EUR
""",
        {
            "invoice_number": "2019/44",
            "issue_date": "2019-09-03",
            "total_gross": "1190.00",
            "total_tax": "190.00",
            "currency": "EUR",
        },
    ),
    "form_version": Written(
        """
Form 12-B rev. 01/01/2018              Printed 05.10.2019 14:33
Vendor: Blue Ocean Ltd
Invoice number        BO-2019-01
Invoice date          2019-09-03
Version 2.1 of 01.02.2017
Total incl. VAT       EUR 121.00
VAT 21%               EUR 21.00
Total excl. VAT       EUR 100.00
""",
        {
            "invoice_number": "BO-2019-01",
            "issue_date": "2019-09-03",
            "total_gross": "121.00",
            "total_net": "100.00",
            "total_tax": "21.00",
        },
    ),
    "ref_inv": Written(
        """
Ads R Us Inc
Invoice No.: 2019-000123
Original invoice: 2019-000099
Customer no.: 2019-000001
Date: 2019-09-03
Total: USD 10.00
""",
        {"invoice_number": "2019-000123", "issue_date": "2019-09-03", "total_gross": "10.00"},
    ),
    "above_label": Written(
        """
Werbeagentur Klar GmbH
Kundennummer    Rechnungsnummer    Datum         Seite
4711            RG-2019-5          03.09.2019    1/1
Lieferschein 8891 vom 30.08.2019
Gesamtsumme netto    500,00
MwSt. 19,00 %         95,00
Gesamtsumme          595,00
Alle Beträge in EUR
""",
        {
            "invoice_number": "RG-2019-5",
            "issue_date": "2019-09-03",
            "total_gross": "595.00",
            "total_tax": "95.00",
            "currency": "EUR",
        },
    ),
    "delivery_only": Written(
        """
Logistik GmbH
Rechnung 7781
Lieferdatum: 03.09.2019
Bestelldatum: 01.09.2019
Gesamtbetrag: 50,00 EUR
""",
        {"invoice_number": "7781", "issue_date": None, "total_gross": "50.00"},
    ),
    "cust_only": Written(
        """
Telecom plc
Customer number: 123456
Date of bill: 3 Sep 2019
Amount due  £40.00
""",
        {"invoice_number": None, "issue_date": "2019-09-03", "total_gross": "40.00", "currency": "GBP"},
    ),
    "tip": Written(
        """
Restaurant Roma
Receipt #8812    09/15/2019 19:42
Subtotal   40.00
Tax         3.50
Total     $43.50
Tip         6.50
""",
        {"invoice_number": "8812", "total_gross": "43.50"},
    ),
    "mixed_dates": Written(
        """
X Ltd
Invoice: X-1001
Invoice date: 04/09/2019
Due date: 25/09/2019
Total: £10.00
""",
        {
            "invoice_number": "X-1001",
            "issue_date": "2019-09-04",
            "due_date": "2019-09-25",
            "total_gross": "10.00",
        },
    ),
    "page_sum": Written(
        """
Bau GmbH   RECHNUNG Nr. B-100 vom 03.09.2019
Seitensumme             4.000,00
Zwischensumme           4.000,00
Rabatt 5%                -200,00
Nettobetrag             3.800,00
MwSt 19%                  722,00
Rechnungsendbetrag      4.522,00 €
""",
        {
            "invoice_number": "B-100",
            "issue_date": "2019-09-03",
            "total_gross": "4522.00",
            "total_net": "3800.00",
            "total_tax": "722.00",
        },
    ),
    "it_date": Written(
        """
Eventi S.p.A.
FATTURA
Numero: 102/A        Data: 03/09/2019
Imponibile  1.000,00
IVA 22%       220,00
Totale documento € 1.220,00
""",
        {"invoice_number": "102/A", "issue_date": "2019-09-03", "total_gross": "1220.00"},
    ),
    "wrong_sum": Written(
        """
Ads AB
Invoice no: 44a    Invoice date: 2019-09-03
Net total   100.00
VAT 25%      25.00
Total       130.00 EUR
""",
        {"invoice_number": "44a", "total_gross": "130.00", "total_net": "100.00", "total_tax": "25.00"},
    ),
    "shipping_in_total": Written(
        """
Print Shop
Invoice # PS-12        Date: Sep 3 2019
Subtotal     $100.00
Shipping      $10.00
Tax            $8.00
Total        $118.00
""",
        {"invoice_number": "PS-12", "issue_date": "2019-09-03", "total_gross": "118.00", "total_tax": "8.00"},
    ),
    "au": Written(
        """
Kookaburra Events Pty Ltd    ABN 51 824 753 556   Sydney Australia
Tax Invoice 00045
Date 03/09/2019     Due 17/09/2019
Amount (ex GST)   $500.00
GST                $50.00
Total (inc GST)   $550.00
""",
        {
            "invoice_number": "00045",
            "issue_date": "2019-09-03",
            "total_gross": "550.00",
            "total_net": "500.00",
            "total_tax": "50.00",
        },
    ),
    "cz": Written(
        """
Reklama s.r.o.
Faktura - daňový doklad č. 20190055
Datum vystavení: 3. 9. 2019    Datum splatnosti: 17. 9. 2019
Základ daně   1 000,00
DPH 21%         210,00
Celkem k úhradě  1 210,00 Kč
""",
        {
            "invoice_number": "20190055",
            "issue_date": "2019-09-03",
            "total_gross": "1210.00",
            "currency": "CZK",
        },
    ),
    "es2": Written(
        """
FACTURA A-0001-00001234
Fecha: 3 de septiembre de 2019
Subtotal     1.000,00
IVA (21%)      210,00
Total        1.210,00 EUR
Vencimiento: 3 de octubre de 2019
""",
        {
            "invoice_number": "A-0001-00001234",
            "issue_date": "2019-09-03",
            "due_date": "2019-10-03",
            "total_gross": "1210.00",
        },
    ),
    "colon_below": Written(
        """
Invoice Number:
INV-2019-7
Invoice Date:
September 3rd, 2019
Bill To:
Partner Corp
Total Amount:
$77.00
""",
        {
            "invoice_number": "INV-2019-7",
            "issue_date": "2019-09-03",
            "total_gross": "77.00",
            "buyer_name": "Partner Corp",
        },
    ),
    "hours": Written(
        """
Consult AB  Invoice 2019-33  2019-09-03
Total hours   40
Rate          100.00
Total         4,000.00 SEK
""",
        {"invoice_number": "2019-33", "issue_date": "2019-09-03", "total_gross": "4000.00"},
    ),
}
