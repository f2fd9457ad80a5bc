"""How near is equal: the few grades of nearness that the whole house shares, each with its reason.

Double precision carries 16 digits. A sum over a history or a book leaves about 12 of them, a linear system 11, a choice
of directions 10, an optimum 9, and 8 are promised to whoever reads the answer. So the grades stand in this order, and
each leaves the next one room: what is certified is stricter than what is reported.

A grade is a number without unit: it is multiplied by the size of what is compared, or compared with weights,
exposures and lots, whose size is about one. A module that needs another value names it beside its use and says why.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), chapters 2 to 4.
"""

from __future__ import annotations

__all__ = ["ACTIVE", "CERTIFIED", "RANK", "REPORTED", "ROUNDING", "ROUNDING_OF_SQUARES", "SOLVED"]

ROUNDING = 1e-12
"""What is left of the difference of equal numbers, relative to them: 0.1 + 0.2 - 0.3 is nothing.

The rounding of a sum of n terms grows to n x 1.1e-16 of their size at worst, so this covers some 9,000 terms, a year
of hourly bars; and no price, rate or weight is known to twelve digits.
"""

ROUNDING_OF_SQUARES = 1e-24
"""The same for squares: a sum of squares this small beside another is that of numbers smaller by `ROUNDING`."""

SOLVED = 1e-11
"""What a linear system of size one leaves of zero once it is solved: a pivot, an eigenvalue, an excess over a limit.

Elimination among some hundred variables loses a digit more than a sum does.
"""

RANK = 1e-10
"""A direction flatter than this, relative to the steepest, is dependent on the others: it carries no information.

Orthogonal factors keep a null direction below n x 1e-16, while a real one below this would enlarge rounding in
the data ten thousand million times; two digits lie between the two.
"""

ACTIVE = 1e-9
"""A limit, kink or edge this near counts as met: the optimum that rests on it is known no better."""

CERTIFIED = 1e-9
"""Largest relative residual of an optimum that is returned: ten times stricter than what is reported."""

REPORTED = 1e-8
"""What people are promised: a desk calls it reached, a check lets it pass, two statements of one number agree."""
