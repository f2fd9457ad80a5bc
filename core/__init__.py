"""The mathematics of a perpetual-futures desk: numbers in, numbers out.

Data takes one way through this house, and each room is one step of it:

    market      observe   prices and funding on one clock, total returns, contract P&L, margin and its tiers
    estimate    infer     beta, the CAPM, volatility, covariance, premium and funding to come
    learn       improve   models that correct a simple rule, judged on rows they have not seen
    decide      choose    limits, optimal weights, the frontier, sizes, hedges, and the policies that put them together
    verify      prove     liquidation on the way, stress tests, simulated paths, the backtest of a policy

`numeric` underneath holds the solver and the certificate that every optimum carries. A few small files are
shared by all: `errors` (what can go wrong, as one tree), `units` (the 365-day year), `tolerances` (how near is equal),
`arrays` (what a function takes and returns), `records` (a dataclass that costs nothing until it is used) and `checks`
(guards).

Conventions. Time runs down the rows, oldest first; contracts run across the columns: `(T, N)`. Rates, returns
and volatilities are decimals. A positive quantity is long; a positive funding rate is paid by longs. NaN is a
missing value and is never read as zero.
"""
