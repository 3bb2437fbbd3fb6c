"""One file per provider behind one small base class; the table of offers; the router."""
