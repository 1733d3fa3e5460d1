"""The invoice on paper: a frozen snapshot becomes the bytes of a PDF, always the same ones.

    snapshot → layout.py (what stands where) → renderer.py (reportlab canvas) → bytes

`layout.py` knows no PDF library: it returns pages of texts, rules and panels, measured with
`fonts.py` and worded by `wording.py` and `figures.py`. `heading.py`, `positions.py` and
`closing.py` are its three thirds, from top to bottom. `legal_texts.py` reads the sentences
that the law asks for. `pen.py` turns a page into drawing operators, `typefaces.py` and
`embedding.py` bring the glyphs, `objects.py` the forms of PDF. `facturx.py` says the same to
machines (EN 16931) with `facturx_parties.py` and `elements.py`, and `archive.py` attaches it and
makes the file PDF/A-3b.
"""
