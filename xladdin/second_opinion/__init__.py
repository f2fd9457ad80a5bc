"""The second opinion: the figures of a desk worked out anew by independent means, and held against the sheets.

inputs        the tables of inputs, read by their headings
inferred/     returns, betas, covariance, funding: pandas and scipy
decided/      weights, frontier, orders, hedge: cvxpy over Clarabel
stressed/     margin, liquidation, scenarios, replays: plain loops
risked/       losses and who brings them, open positions: pandas, scipy, plain loops
walked/       the backtest: a slow ledger, and what became of it
held/         each sheet beside what was worked out
tolerances    how far two opinions may be apart, and why
compare       each figure beside that of its sheet
opinion       the whole of it

Nothing of `core` is called, and nothing of how the desk reads or computes is known here: what both say is said twice.
"""
