"""The manager's records, one module a subject. They stand here and not beside their models: writing goes through
services of every package, so they belong above all of them."""
