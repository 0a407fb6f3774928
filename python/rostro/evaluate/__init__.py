"""How good models are, measured as their field does it.

`wider`: detectors, by the WIDER FACE protocol. Plots need Matplotlib, which
``pip install 'rostro[eval]'`` brings; everything else works without it.
"""
