"""Sums the orders of each city, from a file of lines or from standard input."""
import argparse
import csv
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Iterator, Optional


@dataclass
class CityTotals:
    count: int = 0
    amount_cents: int = 0
    largest_cents: int = 0
    order_ids: list[str] = field(default_factory=list)

    def add(self, order_id: str, amount_cents: int) -> None:
        self.count += 1
        self.amount_cents += amount_cents
        self.largest_cents = max(self.largest_cents, amount_cents)
        if len(self.order_ids) < MAX_IDS:
            self.order_ids.append(order_id)

    @property
    def mean_cents(self) -> Optional[float]:
        return self.amount_cents / self.count if self.count else None


MAX_IDS = 25
COLUMNS = ("order_id", "city", "placed_at", "amount_cents")


class BadRow(ValueError):
    """A row that is no order."""

    def __init__(self, line_number: int, reason: str) -> None:
        super().__init__(f"line {line_number}: {reason}")
        self.line_number = line_number


def read_orders(lines: Iterable[str], strict: bool = False) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise BadRow(1, "missing columns: " + ", ".join(missing))
    for number, row in enumerate(reader, start=2):
        try:
            int(row["amount_cents"])
        except (TypeError, ValueError) as error:
            if strict:
                raise BadRow(number, str(error)) from error
            print(f"warning: skipped line {number}: {error}", file=sys.stderr)
            continue
        yield row


def totals_by_city(orders: Iterable[dict[str, str]]) -> dict[str, CityTotals]:
    totals: dict[str, CityTotals] = defaultdict(CityTotals)
    for order in orders:
        city = order["city"].strip().title() or "Unknown"
        totals[city].add(order["order_id"], int(order["amount_cents"]))
    return dict(sorted(totals.items(), key=lambda item: -item[1].amount_cents))


def main(argv: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="a CSV file; default: standard input")
    parser.add_argument("--strict", action="store_true", help="stop at the first bad row")
    arguments = parser.parse_args(argv)
    stream = arguments.file.open(newline="") if arguments.file else sys.stdin
    with stream:
        totals = totals_by_city(read_orders(stream, strict=arguments.strict))
    for city, total in totals.items():
        mean = f"{total.mean_cents / 100:.2f}" if total.mean_cents is not None else "-"
        print(f"{city:<24}{total.count:>8}{total.amount_cents / 100:>14.2f}{mean:>12}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
