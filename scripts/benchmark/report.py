"""The tables that a run prints, and the same as JSON."""

import statistics

import limits
from budgets import BUDGETS, OURS, Budget
from measure import Spread
from rows import LIMIT_ROWS, ROWS, Row

# Samples by row and contestant, one for each round in which it did not fail; None where it did.
Samples = dict[tuple[str, str], list[float | None]]


def figures(samples: Samples, row: str, name: str) -> list[float]:
    return [sample for sample in samples.get((row, name), []) if sample is not None]


def median_ratio(samples: Samples, row: str, name: str, reference: str) -> float | None:
    """Median of the ratios of each round: noise that lasts for a round is in both figures and cancels out."""
    pairs = zip(samples.get((row, name), []), samples.get((row, reference), []))
    ratios = [ours / theirs for ours, theirs in pairs if ours is not None and theirs]
    return statistics.median(ratios) if ratios else None


def shown(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def spread_text(values: list[float]) -> str:
    if not values:
        return "-"
    spread = Spread.of(values)
    return f"{shown(spread.median)} [{shown(spread.low)}–{shown(spread.high)}]"


def budgets_of(samples: Samples, rows: list[str]) -> list[Budget]:
    """The budgets of these rows, stand-ins where those apply."""
    chosen = [budget for budget in BUDGETS if budget.row in rows]
    return [b.stand_in if b.stand_in and not figures(samples, b.row, b.reference) else b for b in chosen]


def met(samples: Samples, budget: Budget) -> bool | None:
    """None when one of the two was not measured."""
    if budget.ratio is not None:
        ratio = median_ratio(samples, budget.row, OURS, budget.reference)
        return None if ratio is None else ratio <= budget.ratio
    ours = figures(samples, budget.row, OURS)
    return statistics.median(ours) <= budget.limit if ours else None


def budget_rows(samples: Samples, rows: list[Row]) -> list[list[str]]:
    table = [["row", "unit", OURS, "reference", "ratio", "budget", "met"]]
    for row in rows:
        for budget in budgets_of(samples, [row.key]):
            theirs = figures(samples, row.key, budget.reference)
            ratio = median_ratio(samples, row.key, OURS, budget.reference)
            limit = f"≤ {budget.ratio} × {budget.reference}" if budget.ratio is not None else f"≤ {budget.limit} {row.unit}"
            verdict = {True: "yes", False: "NO", None: "not measured"}[met(samples, budget)]
            table.append([
                row.title, row.unit, spread_text(figures(samples, row.key, OURS)),
                f"{budget.reference} {shown(statistics.median(theirs))}" if theirs else f"{budget.reference} -",
                shown(ratio) if ratio is not None else "-", limit, verdict])
    return table


def contestant_rows(samples: Samples, rows: list[Row]) -> list[list[str]]:
    table = [["row", "contestant", "unit", "median [least–most]", "greenhouse is"]]
    for row in rows:
        for name in row.contestants:
            values = figures(samples, row.key, name)
            ratio = None if name == OURS else median_ratio(samples, row.key, OURS, name)
            if values:
                table.append([row.key, name, row.unit, spread_text(values), f"{shown(ratio)} ×" if ratio is not None else ""])
    return table


def limit_rows(samples: Samples, rows: list[Row]) -> list[list[str]]:
    """One line for each limit: how many times the figure without it, as a median of each round's own ratio."""
    table = [["limit", "option", *(row.title for row in rows)]]
    for name in limits.CONTESTANTS:
        if name == OURS:
            cells = [f"{spread_text(figures(samples, row.key, OURS))} {row.unit}" for row in rows]
            table.append(["none but the slice of 10 ms", "", *cells])
        else:
            ratios = [median_ratio(samples, row.key, name, OURS) for row in rows]
            cells = [f"{shown(ratio)} ×" if ratio is not None else "-" for ratio in ratios]
            options = "those above" if name == limits.TOGETHER else " ".join(limits.OPTIONS[name])
            table.append([name, options, *cells])
    return table


def aligned(table: list[list[str]]) -> str:
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def as_json(samples: Samples, machine: dict[str, str]) -> dict:
    return {
        "machine": machine,
        "rows": [
            {"row": row.key, "title": row.title, "unit": row.unit, "contestant": name, "samples": samples[row.key, name]}
            for row in [*ROWS, *LIMIT_ROWS]
            for name in row.contestants if (row.key, name) in samples
        ],
        "budgets": [
            {"row": budget.row, "reference": budget.reference, "ratio": budget.ratio, "limit": budget.limit,
             "met": met(samples, budget)}
            for budget in budgets_of(samples, [row for row, _ in samples])
        ],
    }
