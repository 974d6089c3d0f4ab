#!/usr/bin/env python3
"""Makes label-font.otf, the font that is drawn on overlays, from Inter.

    apt-get download fonts-inter && dpkg-deb -x fonts-inter_*.deb x
    pip install fonttools==4.68.0
    python3 subset.py x/usr/share/fonts/opentype/inter/Inter-SemiBold.otf

Kept: Latin with everything that Unicode writes with a Latin letter and accents,
IPA, Greek, Cyrillic, combining accents, punctuation, arrows, the mathematics a
caption uses, a few shapes. Dropped: kerning and features (the program reads
outlines and advances only), hints, names other than copyright and licence.
The output depends on nothing but the input and the version of fonttools.
"""

import sys

from fontTools import subset

RANGES = [
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x024F),  # Latin-1, Extended-A, Extended-B
    (0x0250, 0x02AF),  # IPA, for ə and kin
    (0x02B0, 0x02FF),  # modifier letters
    (0x0300, 0x036F),  # combining accents
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x052F),  # Cyrillic and its supplement
    (0x1E00, 0x1EFF),  # Latin Extended Additional (Vietnamese)
    (0x2010, 0x2027),  # dashes, quotes, bullets, ellipsis
    (0x2030, 0x205E),  # per mille, primes, angle quotes
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currency
    (0x2113, 0x2122),  # numero, trademark
    (0x2150, 0x215F),  # fractions
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2605, 0x2606),  # stars
    (0x2713, 0x2717),  # check marks
    (0xFB00, 0xFB04),  # f-ligatures, as PDF extractors write them
    (0xFFFD, 0xFFFD),  # replacement character
]

options = subset.Options()
options.layout_features = []
options.drop_tables += ["GPOS", "GSUB", "GDEF", "BASE", "STAT", "DSIG", "FFTM", "meta"]
options.hinting = False
options.desubroutinize = False
options.glyph_names = False
options.legacy_kern = False
options.name_IDs = [0, 1, 2, 5, 13, 14]
options.name_languages = [0x409]
options.notdef_outline = True
options.recalc_timestamp = False

font = subset.load_font(sys.argv[1], options)
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=[c for lo, hi in RANGES for c in range(lo, hi + 1)])
subsetter.subset(font)
for record in font["name"].names:
    if record.nameID == 1:
        record.string = "wbimg label font (subset of Inter)"
subset.save_font(font, "label-font.otf", options)
