"""
The demonstration: a whole study on real pictures, in a marketplace of its own.

`digits` has the pictures, `study` the work of a requester: publish, collect, decide, pay, evaluate. The command line
(``aioturk demo``) only prints.

The pictures are the first 300 of "Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine
Learning Repository (https://doi.org/10.24432/C50P49), licensed under CC BY 4.0: 8 x 8 pixels from 0 (white) to
16 (black), and the digit that was written. They are unchanged but for the number format.
"""
