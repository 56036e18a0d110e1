"""Compares a report of the Autobahn suite with the expected results, and counts.

    compare.py INDEX EXPECTED          exit code 1 if a case that was run is not as expected
    compare.py INDEX EXPECTED all      or if one was not run
    compare.py INDEX EXPECTED write    makes these the expected results
"""

import collections
import json
import sys


def main(index, expected, mode="some"):
    with open(index) as file:
        (report,) = json.load(file).values()
    seen = {case: [result["behavior"], result["behaviorClose"]] for case, result in report.items()}
    if mode == "write":
        write(expected, seen)
    with open(expected) as file:
        expected = json.load(file)

    counts = collections.Counter(behavior for behavior, _ in seen.values())
    print(", ".join(f"{count} {behavior}" for behavior, count in counts.most_common()), "of", len(seen), "cases")
    failed = 0
    for case in sorted(expected if mode == "all" else seen, key=number):
        if seen.get(case) != expected.get(case):
            failed += 1
            print(f"{case}: {seen.get(case, 'was not run')}, expected {expected.get(case)}")
    print(f"{len(seen) - failed} passed, {failed} failed")
    return failed


def write(path, seen):
    lines = [f'  "{case}": {json.dumps(seen[case])}' for case in sorted(seen, key=number)]
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def number(case):
    return [int(part) for part in case.split(".")]


sys.exit(main(*sys.argv[1:]) > 0)
