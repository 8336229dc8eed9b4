"""The offer language: what an offer says, which offers apply to a basket, and why the others do not."""
