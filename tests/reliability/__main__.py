"""One table of campaigns: `python -m tests.reliability`, `python -m tests.reliability kills mutants --long --seed 7`.

The short form is what CI runs; `--cases N` asks for another number. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import time

from . import disks, downloads, functions, hostile, injection, kills, lossless, mutants, optima, soak, writers
from .campaign import Campaign

CAMPAIGNS: dict[str, Campaign] = {
    "hostile": hostile.CAMPAIGN,
    "mutants": mutants.CAMPAIGN,
    "kills": kills.CAMPAIGN,
    "writers": writers.CAMPAIGN,
    "disks": disks.CAMPAIGN,
    "downloads": downloads.CAMPAIGN,
    "lossless": lossless.CAMPAIGN,
    "injection": injection.CAMPAIGN,
    "functions": functions.CAMPAIGN,
    "soak": soak.CAMPAIGN,
    "optima": optima.CAMPAIGN,
}

SEED = 14


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__.partition("\n")[0])
    asked.add_argument("campaigns", nargs="*", metavar="campaign", help=f"of: {', '.join(CAMPAIGNS)}; by default all")
    asked.add_argument("--long", action="store_true", help="the long form of each")
    asked.add_argument("--cases", type=int, help="how many cases of each, instead")
    asked.add_argument("--seed", type=int, default=SEED)
    words = asked.parse_args()
    if unknown := [name for name in words.campaigns if name not in CAMPAIGNS]:
        asked.error(f"no campaign is named {unknown[0]}; there are: {', '.join(CAMPAIGNS)}")
    print(f"{'campaign':12} {'cases':>9} {'worst time and memory':>18}  {'verdict':8} what counted (seed {words.seed})")
    missed = False
    for name in words.campaigns or CAMPAIGNS:
        campaign, began = CAMPAIGNS[name], time.monotonic()
        tally = campaign.run(words.cases or (campaign.long if words.long else campaign.short), words.seed)
        print(f"{tally.line(name)}; {time.monotonic() - began:.0f} s; bar: {campaign.bar}", flush=True)
        for fault in tally.told():
            print(f"    {fault}", flush=True)
        missed |= tally.verdict == "MISSED"
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
