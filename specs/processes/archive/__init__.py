"""Work on a document archive that takes long: one process listens when it is asked to stop, one does not."""
