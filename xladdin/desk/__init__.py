"""The desk: one workbook, declared once, and the jobs that work on it.

the workbook      layout (with tables, settings, fields): every sheet, table, column and named cell, declared
                  template (with styles, frame, about, monitor, charts): the workbook drawn from that declaration
                  sample, scenarios: what a new desk holds; build: the workbook that ships
the desk's day    jobs: refresh, rebalance, hedge, stress, check
  observe         refresh (history from a feed), reader (workbook -> inputs)
  estimate        estimates
  decide          target (weights and orders), hedging; holding (which book hedge and stress look at)
  verify          stressing, checks
  write           writer (results -> workbook), runlog; display (the same figures for a door that prints)
"""
