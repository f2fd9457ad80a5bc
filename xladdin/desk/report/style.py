"""How the page looks, on the screen and on paper of any size: quiet, dark on white, figures under each other."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 24px 40px; max-width: 880px; background: #fff; color: #1f2d3d;
  font: 13px/1.5 "Segoe UI", "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; }
header { border-bottom: 3px solid #24476b; padding-bottom: 12px; }
h1 { font-size: 25px; line-height: 1.2; margin: 0 0 2px; }
h2 { font-size: 17px; margin: 34px 0 4px; padding-top: 6px; border-top: 1px solid #dde3ea; color: #24476b; }
h3 { font-size: 13px; margin: 20px 0 4px; }
p { margin: 4px 0 8px; max-width: 76ch; }
.lead, .quiet, figcaption, .units td { color: #5b6673; }
.master { float: right; margin-top: 6px; }
.notice { border-left: 4px solid #c98a1b; background: #fff8e8; padding: 8px 14px; margin: 16px 0; }
.notice p { margin: 2px 0; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 10px; margin: 16px 0 4px;
  padding: 0; list-style: none; }
.tiles li { border: 1px solid #dde3ea; border-radius: 4px; padding: 8px 11px; }
.tiles strong { display: block; font-size: 18px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles span { color: #5b6673; font-size: 11px; }
table { border-collapse: collapse; width: 100%; margin: 4px 0 14px; font-size: 11.5px; line-height: 1.35; }
th { text-align: left; vertical-align: bottom; font-weight: 600; padding: 4px 7px 1px; }
td { vertical-align: top; padding: 3px 7px; border-bottom: 1px solid #edf1f5; overflow-wrap: anywhere; }
.units td { font-size: 10px; padding-top: 0; border-bottom: 1px solid #8a94a3; }
.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.word { overflow-wrap: normal; }
.wide { min-width: 25ch; }
.stamp td:nth-child(-n+4) { white-space: nowrap; }
.settings { table-layout: fixed; }
.settings td:first-child { width: 23%; }
.settings td:nth-child(2) { width: 20%; white-space: normal; }
.minus { color: #a3261b; }
.status { padding: 0 6px; border-radius: 3px; white-space: nowrap; }
.good { background: #ddf2e3; color: #1e6b3a; }
.warn { background: #fff0cc; color: #7a4f00; }
.bad { background: #fbddd9; color: #a3261b; }
figure { margin: 14px 0 18px; }
figcaption { font-weight: 600; margin-bottom: 4px; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
.said { max-width: none; overflow-wrap: anywhere; }
footer { margin-top: 34px; border-top: 1px solid #dde3ea; padding-top: 8px; color: #5b6673; font-size: 11px; }
@page { margin: 14mm 13mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  table { font-size: 8pt; }
  .units td { font-size: 7pt; }
  h2, h3, .lead, figcaption { break-after: avoid; }
  thead { display: table-header-group; }
  tr, figure, .notice, .tiles li { break-inside: avoid; }
  .notice, .status, .tiles li, svg { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
