"""The command: `python -m tests.fuzz`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from tests.fuzz.case import Finding
from tests.fuzz.families import FAMILIES
from tests.fuzz.findings import Tally, report, table
from tests.fuzz.working import Plan, played


def main() -> int:
    """Run it; 1 if anything was found."""
    arguments = _arguments()
    names = arguments.only.split(",") if arguments.only else list(FAMILIES)
    if arguments.case is not None:
        planned = [(name, arguments.case, arguments.seed) for name in names]
    else:
        planned = list(_planned(names, arguments.inputs, arguments.keys, arguments.seed))
    tallies = {name: Tally(name) for name in names}
    findings: list[Finding] = []
    started = time.monotonic()
    for done, case in enumerate(played(planned, arguments.jobs), 1):
        tally = tallies[case[0]]
        tally.inputs += case[1]
        tally.longest = max(tally.longest, case[2])
        for finding in case[3]:
            tally.found[finding.kind] += 1
        findings += case[3]
        if sys.stderr.isatty():
            print(f"\r{done} of {len(planned)} cases, {len(findings)} findings ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if findings:
        print(report(findings, fully=arguments.case is not None))
        print()
    print(table(tallies.values()))
    print(f"\nseed {arguments.seed}, {time.monotonic() - started:.0f} s with {arguments.jobs} jobs")
    return int(bool(findings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="of all families but keys (100,000)")
    parser.add_argument("--keys", type=int, default=100_000, help="keys on the screen (100,000)")
    parser.add_argument("--seed", type=int, default=1, help="another run of other inputs")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--only", default="", metavar="FAMILY,…", help=", ".join(FAMILIES))
    parser.add_argument("--case", type=int, help="this case of each family alone, told in full")
    return parser.parse_args()


def _planned(names: list[str], inputs: int, keys: int, seed: int) -> Iterator[Plan]:
    """The cases of a run: every family has its share of the inputs; the long cases come first."""
    shares = sum(FAMILIES[name].share for name in names)
    for name in sorted(names, key=lambda name: -FAMILIES[name].size):
        family = FAMILIES[name]
        wanted = keys if not family.share else inputs * family.share / shares
        yield from ((name, number, seed) for number in range(-(-int(wanted) // family.size)))


if __name__ == "__main__":
    sys.exit(main())
