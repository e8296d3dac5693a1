"""The contracts between the parts: pydantic models and nothing else."""
