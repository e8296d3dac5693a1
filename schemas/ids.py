"""Identifiers: a visible prefix for what is named, so that a wrong id is seen at once."""

from typing import Annotated

from pydantic import Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ClaimId = Annotated[str, Field(pattern=r"^clm_[0-9a-z]{26}$")]
DecisionId = Annotated[str, Field(pattern=r"^dec_[0-9a-f]{32}$")]
EventId = Annotated[str, Field(pattern=r"^[a-z]{3}_[0-9a-z]{26,32}$")]
PartnerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
LocationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ProgramId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
