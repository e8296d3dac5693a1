"""Invoices as vendors of many languages write them, made up for tests."""

from __future__ import annotations

from typing import NamedTuple


class Written(NamedTuple):
    """An invoice as text and what must be read from it; None: no value may be given."""

    text: str
    facts: dict[str, str | None]


LANGUAGES: dict[str, Written] = {
    "swedish_columns": Written(
        """
Nordljus Media AB                                          FAKTURA
Storgatan 12
111 23 Stockholm

Fakturanummer:   20190457            Kund
Fakturadatum:    2019-09-03          Partner Konsult AB
Förfallodatum:   2019-10-03          Box 44
Kundnummer:      10233               411 01 Göteborg
OCR-nummer:      2019045712
Er referens:     Anna Berg

Benämning                          Antal    À-pris      Belopp
Annonskampanj augusti                  1   12 500,00   12 500,00
Bannerproduktion                       3    1 500,00    4 500,00

                                   Summa exkl. moms     17 000,00
                                   Moms 25 %             4 250,00
                                   Att betala SEK       21 250,00

Bankgiro 123-4567   Org.nr 556677-8899   Momsreg.nr SE556677889901
""",
        {
            "invoice_number": "20190457",
            "issue_date": "2019-09-03",
            "total_gross": "21250.00",
            "total_net": "17000.00",
            "total_tax": "4250.00",
            "currency": "SEK",
            "due_date": "2019-10-03",
        },
    ),
    "swedish_summary_row": Written(
        """
KREATIVBYRÅN I LUND AB
Faktura nr 3312                                     Datum 3 september 2019

Fakturaadress:
Exempelbolaget AB
Ref: Kim

Arbete enligt offert            10 tim          950 kr         9 500 kr

Netto               Moms 25%            Öresavrundning        Summa att betala
9 500,00            2 375,00            0,00                  11 875,00 kr
Betalas senast 2019-10-03
""",
        {"invoice_number": "3312", "issue_date": "2019-09-03", "total_gross": "11875.00", "currency": "SEK"},
    ),
    "british": Written(
        """
BRIGHT HORIZON EVENTS LTD
14 Park Lane, Leeds LS1 4AB                VAT Reg No: GB 123 4567 89

TAX INVOICE                                Invoice No.   BHE-2045
                                           Tax point     05/09/2019
To: Delta Partners plc                     Order date    30/08/2019
                                           Due           05/10/2019
Exhibition stand hire                                       £4,000.00
Power supply                                                  £250.00
                                           Sub-total        £4,250.00
                                           VAT @ 20%          £850.00
                                           TOTAL            £5,100.00
""",
        {"invoice_number": "BHE-2045", "total_gross": "5100.00", "currency": "GBP"},
    ),
    "slashed_date_alone": Written(
        """
Acme Print
Invoice Number: 889
Invoice Date: 04/05/2019

Brochures          1,200.00
Total              1,200.00
""",
        {"invoice_number": "889", "issue_date": None, "total_gross": "1200.00"},
    ),
    "american_with_balances": Written(
        """
SPARK ADVERTISING LLC                                  INVOICE
500 Main St, Austin, TX 78701

Account No: 445566                    Invoice #: SA-10077
Customer PO: 99812                    Date: 09/15/2019
                                      Terms: Net 30
Previous balance                                          $3,400.00
Payment received 09/01/2019                              -$3,400.00
Current charges
 Google search campaign                                   $2,000.00
 Management fee                                             $300.00
Subtotal                                                  $2,300.00
Sales tax (8.25%)                                           $189.75
Invoice total                                             $2,489.75
Account balance                                           $2,489.75
""",
        {
            "invoice_number": "SA-10077",
            "issue_date": "2019-09-15",
            "total_gross": "2489.75",
            "currency": "USD",
            "total_tax": "189.75",
        },
    ),
    "french_with_deposit": Written(
        """
AGENCE LUMIERE SARL                                   Paris, le 12 septembre 2019
8 rue des Lilas 75011 Paris

                            FACTURE N° F2019-118

Client : Société Exemple SA
Référence commande : CDE-7781

Désignation                       Qté      P.U. HT       Montant HT
Campagne d'affichage                2     1 250,00        2 500,00
Impression                          1       340,50          340,50
                                  Total HT               2 840,50 €
                                  TVA 20 %                 568,10 €
                                  Total TTC              3 408,60 €
                                  Acompte versé         -1 000,00 €
                                  Net à payer            2 408,60 €
Échéance : 12/10/2019
N° TVA intracommunautaire : FR 32 123456789   SIRET 123 456 789 00012
""",
        {
            "invoice_number": "F2019-118",
            "issue_date": "2019-09-12",
            "total_gross": "3408.60",
            "total_net": "2840.50",
            "total_tax": "568.10",
            "currency": "EUR",
            "due_date": "2019-10-12",
        },
    ),
    "spanish": Written(
        """
PUBLICIDAD SOL S.L.        CIF: B12345678
FACTURA
Número de factura: 2019/0345         Fecha de factura: 03/09/2019
Fecha de vencimiento: 03/10/2019     Nº de pedido: 5501
Cliente: Empresa Demo S.A.

Concepto                 Cantidad     Precio      Importe
Anuncio radio                 4       300,00     1.200,00
                          Base imponible         1.200,00
                          IVA 21%                  252,00
                          TOTAL A PAGAR          1.452,00 €
""",
        {
            "invoice_number": "2019/0345",
            "issue_date": "2019-09-03",
            "total_gross": "1452.00",
            "total_tax": "252.00",
            "currency": "EUR",
        },
    ),
    "italian": Written(
        """
Studio Grafico Rossi S.r.l.   P.IVA IT12345678901
Fattura n. 77/2019 del 15/09/2019
Spett.le Ditta Bianchi S.p.A.

Descrizione              Quantità    Prezzo    Importo
Progetto grafico             1       800,00     800,00
Totale imponibile                               800,00
IVA 22%                                         176,00
Totale fattura                              EUR 976,00
Scadenza: 15/10/2019
""",
        {
            "invoice_number": "77/2019",
            "issue_date": "2019-09-15",
            "total_gross": "976.00",
            "total_net": "800.00",
            "currency": "EUR",
        },
    ),
    "polish": Written(
        """
Faktura VAT nr FV/12/09/2019
Data wystawienia: 10.09.2019      Data sprzedaży: 08.09.2019
Termin płatności: 24.09.2019
Sprzedawca: Reklama Sp. z o.o.    Nabywca: Partner S.A.
NIP: 1234567890
Lp  Nazwa           Ilość   Cena netto   Wartość netto   VAT    Wartość brutto
1   Kampania          1      1 000,00       1 000,00      23%      1 230,00
Razem                                       1 000,00     230,00    1 230,00
Do zapłaty: 1 230,00 zł
""",
        {
            "invoice_number": "FV/12/09/2019",
            "issue_date": "2019-09-10",
            "total_gross": "1230.00",
            "currency": "PLN",
        },
    ),
    "danish": Written(
        """
Reklamehuset ApS                     CVR-nr. 12345678
Faktura
Fakturanr.      5567
Fakturadato     03-09-2019
Forfaldsdato    17-09-2019
Kunde           Partner A/S

Tekst                         Antal     Pris      Beløb
Annonce                           1   4.000,00   4.000,00
Subtotal                                         4.000,00
25% moms                                         1.000,00
Total DKK                                        5.000,00
""",
        {"invoice_number": "5567", "issue_date": "2019-09-03", "total_gross": "5000.00", "currency": "DKK"},
    ),
    "norwegian": Written(
        """
Markedsbyrået AS     Org.nr NO 987 654 321 MVA
Fakturanummer: 10045     Fakturadato: 03.09.2019    Forfallsdato: 17.09.2019
Kundenummer: 2001
Beskrivelse            Antall     Pris     Beløp
Kampanje                  1    8 000,00   8 000,00
Sum eks. mva                              8 000,00
MVA 25 %                                  2 000,00
Å betale                                 10 000,00 kr
KID 1004520010
""",
        {"invoice_number": "10045", "issue_date": "2019-09-03", "total_gross": "10000.00", "currency": "NOK"},
    ),
    "finnish": Written(
        """
Mainostoimisto Oy                    LASKU
Laskun numero: 2019-88      Laskun päiväys: 3.9.2019
Eräpäivä: 17.9.2019         Viitenumero: 20198812
Asiakas: Kumppani Oy
Kuvaus             Määrä    Hinta     Yhteensä
Mainos                1    500,00      500,00
Veroton yhteensä                       500,00
ALV 24 %                               120,00
Yhteensä                               620,00 EUR
""",
        {"invoice_number": "2019-88", "issue_date": "2019-09-03", "total_gross": "620.00", "currency": "EUR"},
    ),
    "dutch": Written(
        """
Drukkerij De Pers B.V.
FACTUUR
Factuurnummer  F19-0332        Factuurdatum  05-09-2019
Debiteurnr.    1200            Vervaldatum   19-09-2019
Omschrijving             Aantal   Prijs      Bedrag
Flyers A5                 5000    0,08       400,00
Totaal excl. BTW                             400,00
BTW 21%                                       84,00
Totaal incl. BTW                           € 484,00
""",
        {
            "invoice_number": "F19-0332",
            "issue_date": "2019-09-05",
            "total_gross": "484.00",
            "currency": "EUR",
        },
    ),
    "portuguese": Written(
        """
Agência Mar Lda   NIF 509876543
Fatura n.º FT 2019/221
Data de emissão: 03/09/2019   Data de vencimento: 03/10/2019
Descrição            Qtd    Preço    Total
Campanha               1   600,00   600,00
Total sem IVA                        600,00
IVA 23%                              138,00
Total com IVA                        738,00 €
""",
        {
            "invoice_number": "FT 2019/221",
            "issue_date": "2019-09-03",
            "total_gross": "738.00",
            "currency": "EUR",
        },
    ),
}
