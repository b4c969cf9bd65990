"""The handlers, one file per entity set: a Call in, a Reply out."""
