"""How good models are, measured as their field does it.

`wider`: detectors, by the WIDER FACE protocol. `verification`: scores of pairs of photos;
`identification`: persons looked up in a gallery; `calibration`: the thresholds of a card;
`photos`: what is compared. Plots need Matplotlib, which
``pip install 'rostro[eval]'`` brings; everything else works without it.
"""
