"""UN/CEFACT Cross Industry Invoice into the model of EN 16931: D16B (Factur-X, ZUGFeRD 2) and version 1 (ZUGFeRD 1).

The syntax binding is CEN/TS 16931-3-3. Version 1 has the same tree under older names, so each step names both.
"""

import re

from services.validator.core.en16931_model import (
    VAT,
    Address,
    AllowanceCharge,
    Amount,
    Card,
    Contact,
    Identifier,
    Invoice,
    Line,
    Party,
    PaymentMeans,
    Period,
    Price,
    SupportingDocument,
    TaxCategory,
    TaxSubtotal,
    TaxTotal,
    Totals,
)
from services.validator.readers.einvoice_elements import (
    Element,
    amount,
    child,
    children,
    content,
    descend,
    filled,
    has_empty_element,
    identifier,
    text,
)

_CONTEXT = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
_HEADER = "ExchangedDocument|HeaderExchangedDocument"
_TRANSACTION = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREEMENT = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_DELIVERY = "ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery"
_SETTLEMENT = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMMATION = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_LINE_AGREEMENT = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"
_LINE_DELIVERY = "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery"
_LINE_SETTLEMENT = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
_LINE_SUMMATION = "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_NUMBER = "IssuerAssignedID|ID"
_PERCENT = "RateApplicablePercent|ApplicablePercent"
_VALUE_ADDED_TAX_SCHEME = "VA"
_ADDRESS_PARTS = (
    "LineOne",
    "LineTwo",
    "LineThree",
    "PostcodeCode",
    "CityName",
    "CountrySubDivisionName",
    "CountryID",
)
_LINES_WITHOUT_AMOUNT = {"GROUP", "INFORMATION"}
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DATE_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T\S*")


def _day(element: Element | None, *path: str) -> str | None:
    """The day in ISO order. Eight digits (format 102) are only rewritten: whether there is such a day is seen later."""
    found = child(element, *path)
    if found is None:
        return None
    written = filled(found, "DateTimeString|DateString|DateTime") or content(found) or ""
    if match := _COMPACT_DAY.fullmatch(written):
        return "-".join(match.groups())
    if match := _DATE_TIME.fullmatch(written):
        return match[1]
    return written


def _address(element: Element | None) -> Address | None:
    if element is None:
        return None
    parts = tuple(part for name in _ADDRESS_PARTS if (part := text(element, name)))
    return Address(
        lines=parts,
        street=text(element, "LineOne"),
        city=text(element, "CityName"),
        post_code=text(element, "PostcodeCode"),
        country=text(element, "CountryID"),
    )


def _contact(element: Element | None) -> Contact | None:
    if element is None:
        return None
    return Contact(
        name=text(element, "PersonName") or text(element, "DepartmentName"),
        phone=text(element, "TelephoneUniversalCommunication", "CompleteNumber"),
        email=text(element, "EmailURIUniversalCommunication", "URIID"),
    )


def _scheme(written: str | None) -> str | None:
    return VAT if written == _VALUE_ADDED_TAX_SCHEME else written


def _party(element: Element | None) -> Party | None:
    if element is None:
        return None
    return Party(
        name=text(element, "Name"),
        trading_name=text(element, "SpecifiedLegalOrganization", "TradingBusinessName"),
        ids=tuple(Identifier(content(i) or "", i.get("schemeID")) for i in children(element, "ID|GlobalID")),
        legal_id=identifier(child(element, "SpecifiedLegalOrganization", "ID")),
        tax_ids=tuple(
            Identifier(content(i) or "", _scheme(i.get("schemeID")))
            for i in descend(element, "SpecifiedTaxRegistration", "ID")
        ),
        address=_address(child(element, "PostalTradeAddress")),
        endpoint=identifier(child(element, "URIUniversalCommunication", "URIID")),
        contact=_contact(child(element, "DefinedTradeContact")),
    )


def _category(element: Element) -> TaxCategory:
    return TaxCategory(
        code=text(element, "CategoryCode"),
        percent=amount(element, _PERCENT),
        scheme=text(element, "TypeCode"),
        exemption_reason=text(element, "ExemptionReason"),
        exemption_reason_code=text(element, "ExemptionReasonCode"),
    )


def _allowance_charge(element: Element) -> AllowanceCharge:
    return AllowanceCharge(
        indicator=text(element, "ChargeIndicator", "Indicator"),
        amount=amount(element, "ActualAmount"),
        base=amount(element, "BasisAmount"),
        percent=amount(element, "CalculationPercent"),
        reason=text(element, "Reason"),
        reason_code=text(element, "ReasonCode"),
        categories=tuple(map(_category, children(element, "CategoryTradeTax"))),
    )


def _logistics_charge(element: Element) -> AllowanceCharge:
    """Freight of the extended profiles, which belongs to the charges of the document."""
    return AllowanceCharge(
        indicator="true",
        amount=amount(element, "AppliedAmount"),
        reason=text(element, "Description"),
        categories=tuple(map(_category, children(element, "AppliedTradeTax"))),
    )


def _period(element: Element) -> Period:
    return Period(start=_day(element, "StartDateTime"), end=_day(element, "EndDateTime"))


def _price(agreement: Element | None) -> Price | None:
    net = child(agreement, "NetPriceProductTradePrice")
    gross = child(agreement, "GrossPriceProductTradePrice")
    if net is None and gross is None:
        return None
    return Price(
        net=amount(net, "ChargeAmount"),
        base_quantity=amount(net, "BasisQuantity") or amount(gross, "BasisQuantity"),
        gross=amount(gross, "ChargeAmount"),
        discounts=tuple(map(_allowance_charge, children(gross, "AppliedTradeAllowanceCharge"))),
    )


def _line(element: Element) -> Line:
    document = child(element, "AssociatedDocumentLineDocument")
    agreement = child(element, _LINE_AGREEMENT)
    settlement = child(element, _LINE_SETTLEMENT)
    product = child(element, "SpecifiedTradeProduct")
    return Line(
        id=text(document, "LineID"),
        quantity=amount(element, _LINE_DELIVERY, "BilledQuantity"),
        net=amount(settlement, _LINE_SUMMATION, "LineTotalAmount"),
        name=text(product, "Name"),
        description=text(product, "Description"),
        price=_price(agreement),
        categories=tuple(map(_category, children(settlement, "ApplicableTradeTax"))),
        periods=tuple(map(_period, children(settlement, "BillingSpecifiedPeriod"))),
        allowances_charges=tuple(
            map(_allowance_charge, children(settlement, "SpecifiedTradeAllowanceCharge"))
        ),
        attributes=tuple(
            (text(p, "Description"), text(p, "Value"))
            for p in children(product, "ApplicableProductCharacteristic")
        ),
        standard_ids=tuple(
            Identifier(content(i) or "", i.get("schemeID")) for i in children(product, "GlobalID")
        ),
        classifications=tuple(
            Identifier(content(i) or "", i.get("listID"), i.get("listVersionID"))
            for i in descend(product, "DesignatedProductClassification", "ClassCode")
        ),
        objects=tuple(map(_document, children(settlement, "AdditionalReferencedDocument"))),
        order_line=text(agreement, "BuyerOrderReferencedDocument", "LineID"),
        counts=text(document, "LineStatusReasonCode") not in _LINES_WITHOUT_AMOUNT,
    )


def _tax_totals(settlement: Element | None, currency: str | None) -> tuple[TaxTotal, ...]:
    """The breakdown belongs to the total in the currency of the invoice; CII keeps the two apart."""
    subtotals = tuple(
        TaxSubtotal(amount(tax, "BasisAmount"), amount(tax, "CalculatedAmount"), (_category(tax),))
        for tax in children(settlement, "ApplicableTradeTax")
    )
    amounts = [
        Amount(content(found) or "", found.get("currencyID"))
        for found in descend(settlement, _SUMMATION, "TaxTotalAmount")
    ]
    own = next((a for a in amounts if a.currency == currency), None) or next(
        (a for a in amounts if a.currency is None), None
    )
    others = tuple(TaxTotal(found) for found in amounts if found is not own)
    if own is None and not subtotals:
        return others
    return (TaxTotal(own, subtotals), *others)


def _totals(settlement: Element | None) -> Totals | None:
    summation = child(settlement, _SUMMATION)
    if summation is None:
        return None
    return Totals(
        line_net=amount(summation, "LineTotalAmount"),
        allowances=amount(summation, "AllowanceTotalAmount"),
        charges=amount(summation, "ChargeTotalAmount"),
        without_vat=amount(summation, "TaxBasisTotalAmount"),
        with_vat=amount(summation, "GrandTotalAmount"),
        paid=amount(summation, "TotalPrepaidAmount"),
        rounding=amount(summation, "RoundingAmount"),
        due=amount(summation, "DuePayableAmount"),
    )


def _payment_means(element: Element, settlement: Element | None) -> PaymentMeans:
    card = child(element, "ApplicableTradeSettlementFinancialCard")
    mandate_id = text(settlement, "SpecifiedTradePaymentTerms", "DirectDebitMandateID")
    return PaymentMeans(
        code=text(element, "TypeCode"),
        payment_id=text(settlement, "PaymentReference"),
        branch=text(element, "PayeeSpecifiedCreditorFinancialInstitution", "BICID"),
        mandate_id=mandate_id,
        debited_account=text(element, "PayerPartyDebtorFinancialAccount", "IBANID"),
        accounts=tuple(
            filled(account, "IBANID") or filled(account, "ProprietaryID")
            for account in children(element, "PayeePartyCreditorFinancialAccount")
        ),
        card=None if card is None else Card(text(card, "ID")),
        has_mandate=mandate_id is not None,
    )


def _document(element: Element) -> SupportingDocument:
    return SupportingDocument(
        id=text(element, _NUMBER),
        scheme=text(element, "ReferenceTypeCode"),
        type_code=text(element, "TypeCode"),
        description=text(element, "Name"),
        address=text(element, "URIID"),
    )


def _endpoints(root: Element) -> tuple[Identifier, ...]:
    found = [
        step for parent in root.iter("{*}URIUniversalCommunication") for step in children(parent, "URIID")
    ]
    return tuple(Identifier(content(i) or "", i.get("schemeID")) for i in found)


def _party_ids(root: Element) -> tuple[Identifier, ...]:
    parties = list(root.iter("{*}SellerTradeParty", "{*}BuyerTradeParty", "{*}PayeeTradeParty"))
    found = [i for party in parties for i in party.iter("{*}ID", "{*}GlobalID", "{*}URIID")]
    return tuple(Identifier(content(i) or "", scheme) for i in found if (scheme := i.get("schemeID")))


def _invoicing_periods(settlement: Element | None) -> tuple[Period, ...]:
    return tuple(map(_period, children(settlement, "BillingSpecifiedPeriod")))


def read(root: Element) -> Invoice:
    """Return the model of a Cross Industry Invoice of either version; what is absent stays absent."""
    header = child(root, _HEADER)
    transaction = child(root, _TRANSACTION)
    agreement = child(transaction, _AGREEMENT)
    delivery = child(transaction, _DELIVERY)
    settlement = child(transaction, _SETTLEMENT)
    currency = text(settlement, "InvoiceCurrencyCode")
    ship_to = child(delivery, "ShipToTradeParty", "PostalTradeAddress")
    address = _address(ship_to)
    return Invoice(
        syntax="CII",
        specification=text(root, _CONTEXT, "GuidelineSpecifiedDocumentContextParameter", "ID"),
        business_process=text(root, _CONTEXT, "BusinessProcessSpecifiedDocumentContextParameter", "ID"),
        number=text(header, "ID"),
        issue_date=_day(header, "IssueDateTime"),
        type_code=text(header, "TypeCode"),
        currency=currency,
        tax_currency=text(settlement, "TaxCurrencyCode"),
        tax_point_date=_day(settlement, "ApplicableTradeTax", "TaxPointDate"),
        due_date=_day(settlement, "SpecifiedTradePaymentTerms", "DueDateDateTime"),
        payment_terms=tuple(
            d.text or "" for d in descend(settlement, "SpecifiedTradePaymentTerms", "Description")
        ),
        buyer_reference=text(agreement, "BuyerReference"),
        order_reference=filled(agreement, "BuyerOrderReferencedDocument", _NUMBER),
        notes=tuple(content(n) or "" for n in descend(header, "IncludedNote", "Content")),
        preceding=tuple(text(d, _NUMBER) for d in children(settlement, "InvoiceReferencedDocument")),
        seller=_party(child(agreement, "SellerTradeParty")),
        buyer=_party(child(agreement, "BuyerTradeParty")),
        payee=_party(child(settlement, "PayeeTradeParty")),
        tax_representative=_party(child(agreement, "SellerTaxRepresentativeTradeParty")),
        delivery_date=_day(delivery, "ActualDeliverySupplyChainEvent", "OccurrenceDateTime"),
        delivery_addresses=() if address is None else (address,),
        periods=_invoicing_periods(settlement),
        payment_means=tuple(
            _payment_means(means, settlement)
            for means in children(settlement, "SpecifiedTradeSettlementPaymentMeans")
        ),
        allowances_charges=(
            *map(_allowance_charge, children(settlement, "SpecifiedTradeAllowanceCharge")),
            *map(_logistics_charge, children(settlement, "SpecifiedLogisticsServiceCharge")),
        ),
        totals=_totals(settlement),
        tax_totals=_tax_totals(settlement, currency),
        documents=tuple(map(_document, children(agreement, "AdditionalReferencedDocument"))),
        lines=tuple(map(_line, children(transaction, "IncludedSupplyChainTradeLineItem"))),
        has_empty_element=has_empty_element(root),
        media_types=tuple(e.get("mimeCode") for e in root.iter("{*}AttachmentBinaryObject")),
        endpoints=_endpoints(root),
        party_ids=_party_ids(root),
    )
