"""Invoices per second: our renderer against the usual ways to such a file.

Every way to an archived invoice ends with the same: a page with embedded fonts, PDF/A-3b with its
output intent, the EN 16931 XML attached, the XML checked against the schema (compiled once). The
conforming library path is a page made with reportlab's platypus, the factur-x library for the
attachment and the metadata, and pypdf for the output intent that the library leaves out. veraPDF
has the last word on both before anything is timed. pdf-lib, the engine of the former back office,
draws a page with Helvetica and nothing around it, where npm can install it.

All take turns in one process, medians count; nothing of one invoice can be kept for the next but
what a real run keeps too, for each has its own number, name, order and amounts.
"""


