"""The tests of a workflow, carried out: a script from the file, a rehearsal, a verdict. And the other way: recorded."""
