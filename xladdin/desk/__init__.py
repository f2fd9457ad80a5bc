"""The desk: one workbook, declared once, and the jobs that work on it.

jobs        the desk's day: refresh, rebalance, hedge, stress, check
layout/     every sheet, table, column and named cell, declared
read/       from the workbook to what the core understands
day/        each job's middle: estimates, target, hedge, stress, checks
write/      from what was found to the tables of the workbook, and the run log
template/   the workbook drawn from its declaration, and the sample that a new desk holds
"""
