"""UBL 2.1 Invoice and CreditNote into the model of EN 16931 (syntax binding CEN/TS 16931-3-2)."""

from services.validator.core.en16931_model import (
    Address,
    AllowanceCharge,
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
    local_name,
    text,
)

_ADDRESS_PARTS = ("StreetName", "AdditionalStreetName", "PostalZone", "CityName", "CountrySubentity")


def _address(element: Element | None) -> Address | None:
    if element is None:
        return None
    parts = [text(element, part) for part in _ADDRESS_PARTS]
    parts += [content(line) for line in descend(element, "AddressLine", "Line")]
    country = text(element, "Country", "IdentificationCode")
    return Address(
        lines=tuple(part for part in [*parts, country] if part),
        street=text(element, "StreetName"),
        city=text(element, "CityName"),
        post_code=text(element, "PostalZone"),
        country=country,
    )


def _contact(element: Element | None) -> Contact | None:
    if element is None:
        return None
    return Contact(text(element, "Name"), text(element, "Telephone"), text(element, "ElectronicMail"))


def _party(element: Element | None) -> Party | None:
    """From `cac:Party` or an element of that type."""
    if element is None:
        return None
    tax_ids = tuple(
        Identifier(number, text(scheme, "TaxScheme", "ID"))
        for scheme in children(element, "PartyTaxScheme")
        if (number := text(scheme, "CompanyID")) is not None
    )
    return Party(
        name=text(element, "PartyLegalEntity", "RegistrationName"),
        trading_name=text(element, "PartyName", "Name"),
        ids=tuple(
            Identifier(content(i) or "", i.get("schemeID"))
            for i in descend(element, "PartyIdentification", "ID")
        ),
        legal_id=identifier(child(element, "PartyLegalEntity", "CompanyID")),
        tax_ids=tax_ids,
        address=_address(child(element, "PostalAddress")),
        endpoint=identifier(child(element, "EndpointID")),
        contact=_contact(child(element, "Contact")),
    )


def _category(element: Element) -> TaxCategory:
    return TaxCategory(
        code=text(element, "ID"),
        percent=amount(element, "Percent"),
        scheme=text(element, "TaxScheme", "ID"),
        exemption_reason=text(element, "TaxExemptionReason"),
        exemption_reason_code=text(element, "TaxExemptionReasonCode"),
    )


def _allowance_charge(element: Element) -> AllowanceCharge:
    return AllowanceCharge(
        indicator=text(element, "ChargeIndicator"),
        amount=amount(element, "Amount"),
        base=amount(element, "BaseAmount"),
        percent=amount(element, "MultiplierFactorNumeric"),
        reason=text(element, "AllowanceChargeReason"),
        reason_code=text(element, "AllowanceChargeReasonCode"),
        categories=tuple(map(_category, children(element, "TaxCategory"))),
    )


def _period(element: Element) -> Period:
    return Period(
        start=text(element, "StartDate"),
        end=text(element, "EndDate"),
        tax_point_code=text(element, "DescriptionCode"),
    )


def _price(element: Element | None) -> Price | None:
    if element is None:
        return None
    return Price(
        net=amount(element, "PriceAmount"),
        base_quantity=amount(element, "BaseQuantity"),
        gross=amount(element, "AllowanceCharge", "BaseAmount"),
        discounts=tuple(map(_allowance_charge, children(element, "AllowanceCharge"))),
    )


def _line(element: Element) -> Line:
    item = child(element, "Item")
    return Line(
        id=text(element, "ID"),
        quantity=amount(element, "InvoicedQuantity") or amount(element, "CreditedQuantity"),
        net=amount(element, "LineExtensionAmount"),
        name=text(item, "Name"),
        description=text(item, "Description"),
        price=_price(child(element, "Price")),
        categories=tuple(map(_category, children(item, "ClassifiedTaxCategory"))),
        periods=tuple(map(_period, children(element, "InvoicePeriod"))),
        allowances_charges=tuple(map(_allowance_charge, children(element, "AllowanceCharge"))),
        attributes=tuple(
            (text(p, "Name"), text(p, "Value")) for p in children(item, "AdditionalItemProperty")
        ),
        standard_ids=tuple(
            Identifier(content(i) or "", i.get("schemeID"))
            for i in descend(item, "StandardItemIdentification", "ID")
        ),
        classifications=tuple(
            Identifier(content(i) or "", i.get("listID"), i.get("listVersionID"))
            for i in descend(item, "CommodityClassification", "ItemClassificationCode")
        ),
        objects=tuple(map(_document, children(element, "DocumentReference"))),
        order_line=text(element, "OrderLineReference", "LineID"),
    )


def _subtotal(element: Element) -> TaxSubtotal:
    return TaxSubtotal(
        taxable=amount(element, "TaxableAmount"),
        tax=amount(element, "TaxAmount"),
        categories=tuple(map(_category, children(element, "TaxCategory"))),
    )


def _tax_total(element: Element) -> TaxTotal:
    return TaxTotal(amount(element, "TaxAmount"), tuple(map(_subtotal, children(element, "TaxSubtotal"))))


def _totals(element: Element | None) -> Totals | None:
    if element is None:
        return None
    return Totals(
        line_net=amount(element, "LineExtensionAmount"),
        allowances=amount(element, "AllowanceTotalAmount"),
        charges=amount(element, "ChargeTotalAmount"),
        without_vat=amount(element, "TaxExclusiveAmount"),
        with_vat=amount(element, "TaxInclusiveAmount"),
        paid=amount(element, "PrepaidAmount"),
        rounding=amount(element, "PayableRoundingAmount"),
        due=amount(element, "PayableAmount"),
    )


def _payment_means(element: Element) -> PaymentMeans:
    card = child(element, "CardAccount")
    return PaymentMeans(
        code=text(element, "PaymentMeansCode"),
        payment_id=text(element, "PaymentID"),
        branch=text(element, "PayeeFinancialAccount", "FinancialInstitutionBranch", "ID"),
        mandate_id=text(element, "PaymentMandate", "ID"),
        debited_account=text(element, "PaymentMandate", "PayerFinancialAccount", "ID"),
        accounts=tuple(text(account, "ID") for account in children(element, "PayeeFinancialAccount")),
        card=None if card is None else Card(text(card, "PrimaryAccountNumberID")),
        has_mandate=child(element, "PaymentMandate") is not None,
    )


def _document(element: Element) -> SupportingDocument:
    found = child(element, "ID")
    return SupportingDocument(
        id=content(found),
        scheme=None if found is None else found.get("schemeID"),
        type_code=text(element, "DocumentTypeCode"),
        description=text(element, "DocumentDescription"),
        address=text(element, "Attachment", "ExternalReference", "URI"),
    )


def _party_ids(root: Element) -> tuple[Identifier, ...]:
    found = [*root.iter("{*}EndpointID", "{*}CompanyID"), *_below(root, "PartyIdentification")]
    return tuple(Identifier(content(i) or "", scheme) for i in found if (scheme := i.get("schemeID")))


def _below(root: Element, name: str) -> list[Element]:
    return [step for parent in root.iter(f"{{*}}{name}") for step in children(parent, "ID")]


def _due_date(root: Element) -> str | None:
    return text(root, "DueDate") or text(root, "PaymentMeans", "PaymentDueDate")


def read(root: Element) -> Invoice:
    """Return the model of a UBL Invoice or CreditNote; what is absent stays absent."""
    return Invoice(
        syntax="UBL",
        is_credit_note=local_name(root) == "CreditNote",
        specification=text(root, "CustomizationID"),
        business_process=text(root, "ProfileID"),
        number=text(root, "ID"),
        issue_date=text(root, "IssueDate"),
        type_code=text(root, "CreditNoteTypeCode") or text(root, "InvoiceTypeCode"),
        currency=text(root, "DocumentCurrencyCode"),
        tax_currency=text(root, "TaxCurrencyCode"),
        tax_point_date=text(root, "TaxPointDate"),
        due_date=_due_date(root),
        payment_terms=tuple(n.text or "" for n in descend(root, "PaymentTerms", "Note")),
        buyer_reference=text(root, "BuyerReference"),
        order_reference=text(root, "OrderReference", "ID"),
        notes=tuple(content(n) or "" for n in children(root, "Note")),
        preceding=tuple(
            text(r, "InvoiceDocumentReference", "ID") for r in children(root, "BillingReference")
        ),
        seller=_party(child(root, "AccountingSupplierParty", "Party"))
        or (Party() if children(root, "AccountingSupplierParty") else None),
        buyer=_party(child(root, "AccountingCustomerParty", "Party"))
        or (Party() if children(root, "AccountingCustomerParty") else None),
        payee=_party(child(root, "PayeeParty")),
        tax_representative=_party(child(root, "TaxRepresentativeParty")),
        delivery_date=filled(root, "Delivery", "ActualDeliveryDate"),
        delivery_addresses=tuple(
            address
            for element in descend(root, "Delivery", "DeliveryLocation", "Address")
            if (address := _address(element)) is not None
        ),
        periods=tuple(map(_period, children(root, "InvoicePeriod"))),
        payment_means=tuple(map(_payment_means, children(root, "PaymentMeans"))),
        allowances_charges=tuple(map(_allowance_charge, children(root, "AllowanceCharge"))),
        totals=_totals(child(root, "LegalMonetaryTotal")),
        tax_totals=tuple(map(_tax_total, children(root, "TaxTotal"))),
        documents=tuple(map(_document, children(root, "AdditionalDocumentReference"))),
        lines=tuple(
            _line(element) for element in root if local_name(element) in {"InvoiceLine", "CreditNoteLine"}
        ),
        has_empty_element=has_empty_element(root),
        media_types=tuple(e.get("mimeCode") for e in root.iter("{*}EmbeddedDocumentBinaryObject")),
        endpoints=tuple(Identifier(content(e) or "", e.get("schemeID")) for e in root.iter("{*}EndpointID")),
        party_ids=_party_ids(root),
    )
